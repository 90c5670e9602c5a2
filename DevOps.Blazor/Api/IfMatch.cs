using System.Globalization;

namespace DevOps.Blazor.Api;

/// <summary>The <c>If-Match</c> of a request. Take it as a parameter and hand the revision or tag to the verb, which refuses a stale one with 412.</summary>
/// <param name="Tag">The tag without quotes; null: whatever is there.</param>
public sealed record IfMatch(string? Tag)
{
    private const int NoRevision = -1;

    /// <summary>The tag as a row's revision; null: whatever is there. What is no number matches no row.</summary>
    public int? Revision => Tag is null ? null : int.TryParse(Tag, NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : NoRevision;

    /// <summary>Reads the header.</summary>
    public static ValueTask<IfMatch?> BindAsync(HttpContext context)
    {
        var header = context.Request.Headers.IfMatch.ToString().Trim();
        var tag = header is "" or "*" ? null : header.Trim('"');
        return ValueTask.FromResult<IfMatch?>(new IfMatch(tag));
    }
}

/// <summary>Sends entity tags.</summary>
public static class EntityTags
{
    /// <summary>Sends <c>ETag: "revision"</c> with the answer.</summary>
    public static void SendTag(this HttpResponse response, int revision) => response.SendTag(revision.ToString(CultureInfo.InvariantCulture));

    /// <summary>Sends <c>ETag: "tag"</c> with the answer.</summary>
    public static void SendTag(this HttpResponse response, string tag) => response.Headers.ETag = $"\"{tag}\"";
}
