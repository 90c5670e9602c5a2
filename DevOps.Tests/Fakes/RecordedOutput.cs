using System.Text;
using DevOps.Core.Logs;

namespace DevOps.Tests.Fakes;

/// <summary>A log that keeps what was said.</summary>
public sealed class RecordedOutput : ILogOutput
{
    private readonly Lock _gate = new();
    private readonly List<string> _said = [];

    /// <summary>What the platform said and what programs wrote, in order.</summary>
    public IReadOnlyList<string> Said
    {
        get
        {
            lock (_gate)
            {
                return [.. _said];
            }
        }
    }

    /// <summary>All of it as one text.</summary>
    public string Text => string.Join('\n', Said);

    public ValueTask WriteAsync(LogStream stream, ReadOnlyMemory<byte> utf8, CancellationToken cancellationToken) =>
        SayAsync(Encoding.UTF8.GetString(utf8.Span), cancellationToken);

    public ValueTask SayAsync(string text, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            _said.Add(text);
        }

        return ValueTask.CompletedTask;
    }
}
