using DevOps.Core.Logs;
using DevOps.Infrastructure.Logs;

namespace DevOps.Blazor.Logs;

/// <summary>A search that is open on a page: what was found so far and where one stands in it.</summary>
public sealed class LogSearchState(LogSearch search, long deploymentId)
{
    private readonly Stack<(long From, long Before)> _earlier = new();
    private LogHits _hits = new(0, [], 0, null);
    private long _from = 1;
    private long _before;
    private int _index = -1;

    /// <summary>What is looked for; empty when nothing is.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Lines that match, in the whole log.</summary>
    public long Count => _before + _hits.Count;

    /// <summary>Which of them is shown, from 1; 0 for none.</summary>
    public long Position => _index < 0 ? 0 : _before + _index + 1;

    /// <summary>Number of the line that is shown.</summary>
    public long? Line => _index < 0 ? null : _hits.Lines[_index];

    /// <summary>Numbers of lines that match, around where one stands.</summary>
    public IReadOnlyList<long> Lines => _hits.Lines;

    /// <summary>Searches anew and stands at the first match at or after a line.</summary>
    public async Task StartAsync(string text, long near, CancellationToken cancellationToken)
    {
        Text = text;
        _earlier.Clear();
        (_from, _before) = (1, 0);
        _hits = await search.FindAsync(deploymentId, text, LogFilter.All, 1, cancellationToken);
        _index = _hits.Lines.Count == 0 ? -1 : Math.Max(0, _hits.Lines.ToList().FindIndex(n => n >= near));
    }

    /// <summary>Searches the lines that came since.</summary>
    /// <returns>True when something was found.</returns>
    public async Task<bool> ContinueAsync(CancellationToken cancellationToken)
    {
        if (Text.Length == 0)
        {
            return false;
        }

        var text = Text;
        var fresh = await search.FindAsync(deploymentId, text, LogFilter.All, _hits.SearchedTo + 1, cancellationToken);
        if (!string.Equals(text, Text, StringComparison.Ordinal))
        {
            return false;
        }

        var room = _hits.Next is null ? LogSearch.MostHits - _hits.Lines.Count : 0;
        var lines = _hits.Lines.Concat(fresh.Lines.Take(room)).ToList();
        var count = _hits.Count + fresh.Count;
        _hits = new LogHits(count, lines, Math.Max(_hits.SearchedTo, fresh.SearchedTo), lines.Count < count ? lines[^1] + 1 : null);
        return fresh.Count > 0;
    }

    /// <summary>Goes to the next match; after the last comes the first.</summary>
    public async Task NextAsync(CancellationToken cancellationToken)
    {
        if (_index + 1 < _hits.Lines.Count)
        {
            _index++;
        }
        else if (_hits.Next is { } next)
        {
            _earlier.Push((_from, _before));
            await LoadAsync(next, _before + _hits.Lines.Count, cancellationToken);
            _index = _hits.Lines.Count - 1 < 0 ? -1 : 0;
        }
        else if (_earlier.Count > 0)
        {
            await StartAsync(Text, 1, cancellationToken);
        }
        else
        {
            _index = _hits.Lines.Count > 0 ? 0 : -1;
        }
    }

    /// <summary>Goes to the match before; before the first comes the last that is known.</summary>
    public async Task PreviousAsync(CancellationToken cancellationToken)
    {
        if (_index > 0)
        {
            _index--;
        }
        else if (_earlier.TryPop(out var earlier))
        {
            await LoadAsync(earlier.From, earlier.Before, cancellationToken);
            _index = _hits.Lines.Count - 1;
        }
        else
        {
            _index = _hits.Lines.Count - 1;
        }
    }

    private async Task LoadAsync(long from, long before, CancellationToken cancellationToken)
    {
        _hits = await search.FindAsync(deploymentId, Text, LogFilter.All, from, cancellationToken);
        (_from, _before) = (from, before);
    }
}
