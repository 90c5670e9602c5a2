using System.Text;
using DevOps.Core.Secrets;
using DevOps.Core.Webhooks;

namespace DevOps.Infrastructure.Webhooks;

/// <summary>What of a delivery's body is kept: all of it with what is secret in it hidden (Gitee writes password and signature into the body), or nothing of one that is too long.</summary>
internal static class KeptBody
{
    private const int Shortest = 8;

    public static byte[]? Of(ReadOnlyMemory<byte> body, IEnumerable<Sensitive> secrets, WebhookHeaders headers, int longest)
    {
        if (body.Length > longest)
        {
            return null;
        }

        var kept = body.ToArray();
        foreach (var word in secrets.Select(s => s.Reveal()).Append(headers["X-Gitee-Token"] ?? "").Where(w => w.Length >= Shortest))
        {
            Hide(kept, Encoding.UTF8.GetBytes(word));
        }

        return kept;
    }

    private static void Hide(byte[] text, byte[] word)
    {
        for (var rest = text.AsSpan(); rest.IndexOf(word) is var at and >= 0; rest = rest[(at + word.Length)..])
        {
            rest.Slice(at, word.Length).Fill((byte)'*');
        }
    }
}
