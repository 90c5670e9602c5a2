using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DevOps.Blazor.Api;
using DevOps.Core;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;

namespace DevOps.Blazor.Hosting;

/// <summary>Completes what endpoints say of themselves with what holds for all of them: which refusals can come, how lists are paged, what <c>If-Match</c> does.</summary>
internal static partial class OpenApiOperations
{
    private const string Problem = "application/problem+json";
    private const string Page = "page";
    private const string PageSize = "pageSize";

    public static Task CompleteAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.Description.RelativePath?.StartsWith("api/", StringComparison.Ordinal) != true)
        {
            return Task.CompletedTask;
        }

        operation.Summary ??= InWords(operation.OperationId ?? "");
        operation.Parameters ??= [];
        operation.Responses ??= [];
        foreach (var parameter in operation.Parameters.OfType<OpenApiParameter>())
        {
            Complete(parameter);
        }

        Show(operation, context);
        if (TakesTag(context))
        {
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = "If-Match",
                In = ParameterLocation.Header,
                Description = "The ETag of the last GET. When someone else was faster, nothing is changed and the answer is 412.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }

        foreach (var status in Refusals(operation, context))
        {
            operation.Responses.TryAdd(status.ToString(CultureInfo.InvariantCulture), Refusal(status, context.Document));
        }

        if (operation.Parameters.Count == 0)
        {
            operation.Parameters = null;
        }

        return Task.CompletedTask;
    }

    /// <summary>Enums are words; a problem has more members than its type.</summary>
    public static Task CompleteSchemaAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        if (schema.Enum is { Count: > 0 })
        {
            schema.Type ??= JsonSchemaType.String;
        }

        if (context.JsonTypeInfo.Type == typeof(ProblemDetails) && schema.Properties is { } members)
        {
            schema.AdditionalPropertiesAllowed = true;
            members["reason"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "With 409: a stable word for the state that stands in the way." };
            members["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "With 400: what is wrong, by field.",
                AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
            };
        }

        return Task.CompletedTask;
    }

    private static void Show(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<BodyExample>().LastOrDefault() is { } example
            && operation.RequestBody?.Content is { } content && content.TryGetValue("application/json", out var body))
        {
            body.Example = JsonNode.Parse(example.Json);
        }
    }

    private static void Complete(OpenApiParameter parameter)
    {
        if (parameter.In == ParameterLocation.Query && parameter.Name is { } name)
        {
            parameter.Name = JsonNamingPolicy.CamelCase.ConvertName(name);
        }

        if (parameter.Schema is OpenApiSchema schema && parameter.Name is Page or PageSize)
        {
            schema.Minimum = "1";
            schema.Maximum = parameter.Name is Page ? "1000000" : PageRequest.MaxPageSize.ToString(CultureInfo.InvariantCulture);
            parameter.Description ??= parameter.Name is Page ? "Number of the page; 1 when left out." : "Most rows on a page; 50 when left out.";
        }
    }

    private static IEnumerable<int> Refusals(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var body = operation.RequestBody is not null;
        if (body || operation.Parameters!.Any(p => p.In == ParameterLocation.Query))
        {
            yield return StatusCodes.Status400BadRequest;
        }

        if (operation.Parameters!.Any(p => p.In == ParameterLocation.Path))
        {
            yield return StatusCodes.Status404NotFound;
        }

        if (TakesTag(context))
        {
            yield return StatusCodes.Status412PreconditionFailed;
        }

        if (body)
        {
            yield return StatusCodes.Status413PayloadTooLarge;
            yield return StatusCodes.Status415UnsupportedMediaType;
        }

        yield return StatusCodes.Status429TooManyRequests;
        yield return StatusCodes.Status503ServiceUnavailable;
    }

    private static OpenApiResponse Refusal(int status, OpenApiDocument? document) => new()
    {
        Description = ReasonPhrases.GetReasonPhrase(status),
        Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { [Problem] = new() { Schema = new OpenApiSchemaReference(nameof(ProblemDetails), document) } },
    };

    private static bool TakesTag(OpenApiOperationTransformerContext context) =>
        context.Description.ActionDescriptor.EndpointMetadata.OfType<MethodInfo>().Any(m => Array.Exists(m.GetParameters(), p => IsTag(p.ParameterType) || (p.IsDefined(typeof(AsParametersAttribute)) && Array.Exists(p.ParameterType.GetProperties(), own => IsTag(own.PropertyType)))));

    private static bool IsTag(Type type) => type == typeof(IfMatch);

    private static string InWords(string operationId)
    {
        var words = Capital().Replace(operationId, " $0").TrimStart().ToLowerInvariant();
        return words.Length == 0 ? words : char.ToUpperInvariant(words[0]) + words[1..] + ".";
    }

    [GeneratedRegex("(?<!^)[A-Z]", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Capital();
}
