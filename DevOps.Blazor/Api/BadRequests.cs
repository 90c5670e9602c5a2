using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace DevOps.Blazor.Api;

/// <summary>Says what is wrong with a request the framework could not bind, by field name where there is one.</summary>
internal static partial class BadRequests
{
    public static async Task<(int Status, string Detail, Dictionary<string, object?>? Extensions)> DescribeAsync(HttpContext context, BadHttpRequestException exception)
    {
        if (exception.StatusCode != StatusCodes.Status400BadRequest)
        {
            return (exception.StatusCode, DetailOf(exception.StatusCode), null);
        }

        var errors = exception.InnerException is JsonException json ? await BodyErrorsAsync(context, json) : ParameterErrors(exception.Message);
        return errors.Count == 0
            ? (StatusCodes.Status400BadRequest, "The request cannot be read.", null)
            : (StatusCodes.Status400BadRequest, "Some fields cannot be accepted; see errors.", Problems.Errors(errors));
    }

    public static string DetailOf(int status) => status switch
    {
        StatusCodes.Status404NotFound => "There is nothing at this address. /docs lists what there is.",
        StatusCodes.Status405MethodNotAllowed => "This address does not know the method; the Allow header names those it knows.",
        StatusCodes.Status413PayloadTooLarge => "The body is too large; at most 1 MiB is read.",
        StatusCodes.Status415UnsupportedMediaType => "Send the body as application/json.",
        StatusCodes.Status401Unauthorized => "Send a valid access token or personal token. POST /api/v1/auth/token gives one.",
        StatusCodes.Status403Forbidden => "Your role does not allow this.",
        _ => "The request cannot be answered.",
    };

    private static async Task<Dictionary<string, string[]>> BodyErrorsAsync(HttpContext context, JsonException exception)
    {
        var endpoint = context.Features.Get<IExceptionHandlerFeature>()?.Endpoint;
        var type = endpoint?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType;
        var options = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        if (context.Request.Body.CanSeek && type is not null)
        {
            context.Request.Body.Position = 0;
            try
            {
                using var document = await JsonDocument.ParseAsync(context.Request.Body, new JsonDocumentOptions { MaxDepth = options.MaxDepth }, context.RequestAborted);
                if (BodyFaults.Find(document.RootElement, type, options) is { Count: > 0 } found)
                {
                    return found;
                }
            }
            catch (JsonException malformed)
            {
                return Single("body", $"This is no JSON: line {Number(malformed.LineNumber)}, byte {Number(malformed.BytePositionInLine)}.");
            }
        }

        return Single(BodyFaults.FieldOf(exception.Path), "The value does not have the form that is expected here.");
    }

    private static Dictionary<string, string[]> ParameterErrors(string message)
    {
        if (message.Contains("no body was provided", StringComparison.Ordinal))
        {
            return Single("body", "This is required.");
        }

        var match = ParameterFault().Match(message);
        if (!match.Success)
        {
            return [];
        }

        var name = JsonNamingPolicy.CamelCase.ConvertName(match.Groups["name"].Value);
        return message.StartsWith("Failed", StringComparison.Ordinal)
            ? Single(name, "The value does not have the form that is expected here.")
            : Single(name, "This is required.");
    }

    private static Dictionary<string, string[]> Single(string field, string error) => new(StringComparer.Ordinal) { [field] = [error] };

    // Counted from 0 by the reader, from 1 by people.
    private static string Number(long? position) => ((position ?? 0) + 1).ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex("""^(Failed to bind|Required) parameter "\S+ (?<name>\w+)" """, RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ParameterFault();
}
