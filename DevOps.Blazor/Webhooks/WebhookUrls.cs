using DevOps.Core.Webhooks;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Settings;

namespace DevOps.Blazor.Webhooks;

/// <summary>The addresses that are entered at the senders of webhooks.</summary>
public static class WebhookUrls
{
    /// <summary>The door of every sender, by its word.</summary>
    /// <param name="publicUrl">Address of the platform, without a slash at the end.</param>
    /// <param name="projectKey">The project.</param>
    public static IReadOnlyDictionary<string, string> Of(string publicUrl, string projectKey) =>
        Enum.GetValues<WebhookProvider>().ToDictionary(Json.Word, p => $"{publicUrl}/webhooks/{Json.Word(p)}/{projectKey}", StringComparer.Ordinal);

    /// <summary>Address of the platform as it is seen from outside: the one that is set, or the one this request came to.</summary>
    public static Task<string> PublicUrlAsync(this HttpRequest request) => PublicUrlAsync(
        request.HttpContext.RequestServices.GetRequiredService<SettingsReader>(), $"{request.Scheme}://{request.Host}{request.PathBase}", request.HttpContext.RequestAborted);

    /// <summary>Address of the platform as it is seen from outside: the one that is set, or the given one.</summary>
    public static async Task<string> PublicUrlAsync(SettingsReader settings, string otherwise, CancellationToken cancellationToken) =>
        ((await settings.ReadAsync(cancellationToken)).PublicUrl is { Length: > 0 } url ? url : otherwise).TrimEnd('/');
}
