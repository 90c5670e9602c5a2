using System.Text;

namespace DevOps.Core.Logs;

/// <summary>One line while it is being put together: visible text and colours go in piece by piece, masked text comes out.
/// Colours are kept beside the text, so that a colour in the middle of a secret does not hide it. Memory stays bounded, however long the line is.</summary>
internal sealed class MaskedLine(SecretMasker masker)
{
    private readonly StringBuilder _text = new();
    private readonly List<(int At, string Sequence)> _colours = [];
    private readonly List<(int Start, int End)> _hits = [];
    private int _state;
    private bool _insideHit;

    /// <summary>Characters of which it is known whether they belong to a secret.</summary>
    public int Decided => _text.Length - masker.Undecided(_state);

    public void Append(ReadOnlySpan<char> visible)
    {
        if (!masker.IsEmpty)
        {
            Search(visible);
        }

        _text.Append(visible);
    }

    public void Colour(string sequence) => _colours.Add((_text.Length, sequence));

    /// <summary>Takes out what is decided.</summary>
    public string Take() => Weave(Decided);

    /// <summary>Takes out the rest and begins a new line.</summary>
    public string End()
    {
        var rest = Weave(_text.Length);
        Clear();
        return rest;
    }

    /// <summary>Forgets what was not taken out.</summary>
    public void Clear()
    {
        _text.Clear();
        _colours.Clear();
        _hits.Clear();
        _state = 0;
        _insideHit = false;
    }

    private void Search(ReadOnlySpan<char> visible)
    {
        for (var i = 0; i < visible.Length; i++)
        {
            _state = masker.Next(_state, visible[i]);
            if (masker.MatchLength(_state) is > 0 and var length)
            {
                var end = _text.Length + i + 1;
                Hit(Math.Max(0, end - length), end);
            }
        }
    }

    // Overlapping secrets become one hit: whatever any of them covers is hidden.
    private void Hit(int start, int end)
    {
        while (_hits.Count > 0 && _hits[^1].End >= start)
        {
            start = Math.Min(start, _hits[^1].Start);
            _hits.RemoveAt(_hits.Count - 1);
        }

        _hits.Add((start, end));
    }

    private string Weave(int length)
    {
        if (_hits.Count == 0 && _colours.Count == 0)
        {
            var plain = _text.ToString(0, length);
            _text.Remove(0, length);
            return plain;
        }

        var woven = new StringBuilder(length);
        var at = 0;
        var colour = 0;
        foreach (var (start, end) in _hits)
        {
            if (start >= length)
            {
                break;
            }

            WeaveColoured(woven, ref at, start, ref colour, visible: true);
            woven.Append(_insideHit && start == 0 ? "" : SecretMasker.Mask);
            WeaveColoured(woven, ref at, Math.Min(end, length), ref colour, visible: false);
        }

        WeaveColoured(woven, ref at, length, ref colour, visible: true);
        Drop(length, colour);
        return woven.ToString();
    }

    private void WeaveColoured(StringBuilder woven, ref int at, int until, ref int colour, bool visible)
    {
        for (; colour < _colours.Count && _colours[colour].At <= until; colour++)
        {
            if (visible)
            {
                woven.Append(_text, at, _colours[colour].At - at);
            }

            at = _colours[colour].At;
            woven.Append(_colours[colour].Sequence);
        }

        if (visible)
        {
            woven.Append(_text, at, until - at);
        }

        at = until;
    }

    private void Drop(int length, int colours)
    {
        _text.Remove(0, length);
        _colours.RemoveRange(0, colours);
        for (var i = 0; i < _colours.Count; i++)
        {
            _colours[i] = (_colours[i].At - length, _colours[i].Sequence);
        }

        _insideHit = _hits.Exists(h => h.Start < length && h.End > length);
        var left = _hits.Where(h => h.End > length).Select(h => (Math.Max(0, h.Start - length), h.End - length)).ToList();
        _hits.Clear();
        _hits.AddRange(left);
    }
}
