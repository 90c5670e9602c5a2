using System.Text;

namespace DevOps.Infrastructure.Git;

/// <summary>Reads what git writes to standard error: progress goes on, the last other lines are kept.</summary>
internal sealed class ErrorLines(GitProgress? progress)
{
    private const int Kept = 50;
    private const int LongestLine = 2000;
    private readonly Queue<string> _lines = new();
    private readonly StringBuilder _line = new();

    public IReadOnlyList<string> Last => [.. _lines];

    public async Task ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8, leaveOpen: true);
        var buffer = new char[4096];
        for (int read; (read = await reader.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            for (var i = 0; i < read; i++)
            {
                if (buffer[i] is '\n' or '\r')
                {
                    await EndLineAsync(cancellationToken);
                }
                else if (_line.Length < LongestLine)
                {
                    _line.Append(buffer[i]);
                }
            }
        }

        await EndLineAsync(cancellationToken);
    }

    private async Task EndLineAsync(CancellationToken cancellationToken)
    {
        var line = _line.ToString().Trim();
        _line.Clear();
        if (line.Length == 0 || GitProgress.IsProgress(line))
        {
            await (progress?.NoteAsync(line, cancellationToken) ?? ValueTask.CompletedTask);
            return;
        }

        _lines.Enqueue(line);
        if (_lines.Count > Kept)
        {
            _lines.Dequeue();
        }
    }
}
