using System.Text;

namespace DevOps.Core.Logs;

/// <summary>One line while it is being put together: visible text and colours go in piece by piece, masked text comes out.
/// Colours are kept beside the text, so that a colour in the middle of a secret does not hide it. Memory stays bounded, however long the line is.</summary>
internal sealed class MaskedLine(SecretMasker masker)
{
    private readonly StringBuilder _woven = new();
    private char[] _text = new char[512];
    private int _length;
    private readonly List<(int At, string Sequence)> _colours = [];
    private readonly List<(int Start, int End)> _hits = [];
    private int _state;
    private bool _insideHit;

    /// <summary>Characters of which it is known whether they belong to a secret.</summary>
    public int Decided => _length - masker.Undecided(_state);

    public void Append(ReadOnlySpan<char> visible)
    {
        if (!masker.IsEmpty)
        {
            Search(visible);
        }

        if (_length + visible.Length > _text.Length)
        {
            Array.Resize(ref _text, Math.Max(_text.Length * 2, _length + visible.Length));
        }

        visible.CopyTo(_text.AsSpan(_length));
        _length += visible.Length;
    }

    public void Colour(string sequence) => _colours.Add((_length, sequence));

    /// <summary>Takes out what is decided.</summary>
    public string Take() => Weave(Decided);

    /// <summary>Takes out the rest and begins a new line.</summary>
    public string End()
    {
        var rest = Weave(_length);
        Clear();
        return rest;
    }

    /// <summary>Forgets what was not taken out.</summary>
    public void Clear()
    {
        _length = 0;
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
                var end = _length + i + 1;
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
            var plain = new string(_text, 0, length);
            Shift(length);
            return plain;
        }

        var woven = _woven.Clear();
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
        Shift(length);
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

    private void Shift(int length)
    {
        _text.AsSpan(length, _length - length).CopyTo(_text);
        _length -= length;
    }
}
