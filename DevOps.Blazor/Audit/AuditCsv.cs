using System.Globalization;
using System.Text;
using DevOps.Core.Audit;

namespace DevOps.Blazor.Audit;

/// <summary>Writes the audit log as a table (RFC 4180). A cell that a spreadsheet would take for a formula is marked as text.</summary>
internal static class AuditCsv
{
    public static async Task WriteAsync(IAsyncEnumerable<AuditEntry> entries, Stream stream, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\r\n" };
        await writer.WriteLineAsync("at,actor,action,subject,summary,ip,changes");
        await foreach (var entry in entries.WithCancellation(cancellationToken))
        {
            string?[] cells =
            [
                entry.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
                entry.Actor, entry.Action, entry.Subject, entry.Summary, entry.Ip, Changes(entry),
            ];
            await writer.WriteLineAsync(string.Join(',', cells.Select(Cell)));
        }
    }

    internal static string Cell(string? text)
    {
        var safe = text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? "'" + text : text ?? "";
        return safe.AsSpan().IndexOfAny("\",\r\n") < 0 ? safe : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static string Changes(AuditEntry entry) => string.Join('\n', (entry.Changes ?? []).Select(c => $"{c.Field}: {c.Before} → {c.After}"));
}
