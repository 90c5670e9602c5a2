using DevOps.Core.Logs;

namespace DevOps.Infrastructure.Applications;

/// <summary>Keeps the last masked lines of what a command prints, both outputs in the order they came.</summary>
internal sealed class BoundedLines(SecretMasker masker) : ILogOutput
{
    private const int Most = 1000;
    private const int MostCharacters = 64 * 1024;

    private readonly Lock _lock = new();
    private readonly LineSplitter _out = new(masker);
    private readonly LineSplitter _err = new(masker);
    private readonly Queue<string> _lines = [];
    private int _characters;

    /// <summary>The text; the lines before the last thousand are left out.</summary>
    public string Text()
    {
        lock (_lock)
        {
            var rest = new List<string>();
            _out.End(rest);
            _err.End(rest);
            Keep(rest);
            return string.Join('\n', _lines);
        }
    }

    public ValueTask WriteAsync(LogStream stream, ReadOnlyMemory<byte> utf8, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var lines = new List<string>();
            (stream == LogStream.Err ? _err : _out).Write(utf8.Span, lines);
            Keep(lines);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask SayAsync(string text, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Keep([masker.Apply(text)]);
        }

        return ValueTask.CompletedTask;
    }

    private void Keep(List<string> lines)
    {
        foreach (var line in lines)
        {
            _lines.Enqueue(line);
            _characters += line.Length;
        }

        while (_lines.Count > Most || (_characters > MostCharacters && _lines.Count > 1))
        {
            _characters -= _lines.Dequeue().Length;
        }
    }
}
