namespace DevOps.Core.Logs;

/// <summary>The one door through which a step's output reaches the log. Safe for several writers at once.
/// A full buffer makes the writer wait; nothing is dropped.</summary>
public interface ILogOutput
{
    /// <summary>Hands over output as it comes: any chunking, not necessarily whole lines or whole UTF-8 characters.</summary>
    /// <param name="stream">Standard output or error; each is split into lines on its own.</param>
    /// <param name="utf8">The bytes; they are copied before the call returns.</param>
    /// <param name="cancellationToken">Ends the wait for room.</param>
    ValueTask WriteAsync(LogStream stream, ReadOnlyMemory<byte> utf8, CancellationToken cancellationToken);

    /// <summary>Writes one line of the platform's own. A text with line breaks becomes several lines.</summary>
    ValueTask SayAsync(string text, CancellationToken cancellationToken);
}
