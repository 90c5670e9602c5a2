using DevOps.Core.Logs;

namespace DevOps.Tests.Fakes;

/// <summary>A log that tells when something was said.</summary>
public sealed class SignallingOutput(string word) : ILogOutput
{
    private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when a line with the word was said.</summary>
    public Task Seen => _seen.Task;

    public ValueTask WriteAsync(LogStream stream, ReadOnlyMemory<byte> utf8, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask SayAsync(string text, CancellationToken cancellationToken)
    {
        if (text.Contains(word, StringComparison.Ordinal))
        {
            _seen.TrySetResult();
        }

        return ValueTask.CompletedTask;
    }
}
