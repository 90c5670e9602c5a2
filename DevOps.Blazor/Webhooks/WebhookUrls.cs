using DevOps.Core.Webhooks;
using DevOps.Infrastructure;
using DevOps.Infrastructure.Persistence;

namespace DevOps.Blazor.Webhooks;

/// <summary>The addresses that are entered at the senders of webhooks.</summary>
public static class WebhookUrls
{
    /// <summary>The door of every sender, by its word.</summary>
    /// <param name="publicUrl">Address of the platform, without a slash at the end.</param>
    /// <param name="projectKey">The project.</param>
    public static IReadOnlyDictionary<string, string> Of(string publicUrl, string projectKey) =>
        Enum.GetValues<WebhookProvider>().ToDictionary(Json.Word, p => $"{publicUrl}/webhooks/{Json.Word(p)}/{projectKey}", StringComparer.Ordinal);

    /// <summary>Address of the platform as it is seen from outside: the one that is configured, or the one this request came to.</summary>
    public static string PublicUrl(this HttpRequest request) =>
        PublicUrl(request.HttpContext.RequestServices.GetRequiredService<PlatformOptions>(), $"{request.Scheme}://{request.Host}{request.PathBase}");

    /// <summary>Address of the platform as it is seen from outside: the one that is configured, or the given one.</summary>
    public static string PublicUrl(PlatformOptions options, string otherwise) => (options.PublicUrl.Length > 0 ? options.PublicUrl : otherwise).TrimEnd('/');
}
