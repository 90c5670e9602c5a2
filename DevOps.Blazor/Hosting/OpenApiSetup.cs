using DevOps.Core.Refusals;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace DevOps.Blazor.Hosting;

/// <summary>The description of the API at <c>/openapi/v1.json</c> and its page at <c>/docs</c>.</summary>
public static class OpenApiSetup
{
    private const string Bearer = "bearer";

    /// <summary>Adds the description.</summary>
    public static IServiceCollection AddDevOpsOpenApi(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.AddDocumentTransformer(DescribeAsync);
        options.AddOperationTransformer(AskForTokenAsync);
        options.AddOperationTransformer(OpenApiOperations.CompleteAsync);
        options.AddSchemaTransformer(WriteOwnTypesAsync);
        options.AddSchemaTransformer(OpenApiOperations.CompleteSchemaAsync);
    });

    /// <summary>Shows the description at <c>/docs</c>.</summary>
    public static IApplicationBuilder UseDevOpsDocs(this IApplicationBuilder app) => app.UseSwaggerUI(options =>
    {
        options.RoutePrefix = "docs";
        options.DocumentTitle = "DevOps API";
        options.SwaggerEndpoint("/openapi/v1.json", "DevOps API v1");
    });

    private static Task DescribeAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "DevOps API",
            Version = "v1",
            Description = "Get a token from POST /api/v1/auth/token and send it as Authorization: Bearer. Errors are RFC 9457 problems.",
        };
        document.Servers?.Clear();
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
        document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            BearerFormat = "JWT or personal token",
            Description = "An access token of POST /api/v1/auth/token, or a personal token (dvt_…) of POST /api/v1/me/tokens.",
        };
        return Task.CompletedTask;
    }

    private static Task AskForTokenAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<Microsoft.AspNetCore.Authorization.IAuthorizeData>().Any())
        {
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] }];
        }

        return Task.CompletedTask;
    }

    // Our own converters hide their types from the generator.
    private static Task WriteOwnTypesAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        if (type == typeof(DateTimeOffset))
        {
            schema.Type = type == context.JsonTypeInfo.Type ? JsonSchemaType.String : JsonSchemaType.String | JsonSchemaType.Null;
            schema.Format = "date-time";
        }
        else if (type == typeof(Sentence))
        {
            schema.Type = JsonSchemaType.String | JsonSchemaType.Null;
        }

        return Task.CompletedTask;
    }
}
