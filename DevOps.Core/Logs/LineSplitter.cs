using System.Buffers;
using System.Text;

namespace DevOps.Core.Logs;

/// <summary>Makes masked lines out of the bytes of one stream of one step. One instance per stream; not for several threads at once.</summary>
/// <remarks>
/// Any chunking; invalid UTF-8 becomes U+FFFD. A line ends with LF or CR LF. A lone CR begins the line anew, so that of a progress bar its last state remains.
/// A line over <see cref="MaxLineBytes"/> is cut into several. Colours (SGR) are kept and carried over to the next line while they last, so that every line can be drawn alone;
/// every other escape sequence is removed and every other control character shown as its picture (␇).
/// </remarks>
public sealed class LineSplitter
{
    /// <summary>Longest line in UTF-8 bytes; a longer one is cut.</summary>
    public const int MaxLineBytes = 16 * 1024;

    private static readonly SearchValues<char> Specials = SearchValues.Create(
        [.. Enumerable.Range(0, 0xA0).Select(c => (char)c).Where(c => char.IsControl(c) && c != '\t'), '\u2028', '\u2029']);

    private readonly Decoder _decoder = new UTF8Encoding(false, throwOnInvalidBytes: false).GetDecoder();
    private readonly MaskedLine _line;
    private readonly EscapeFilter _escapes = new();
    private readonly ActiveColours _colours = new();
    private readonly StringBuilder _taken = new();
    private readonly char[] _chars = new char[4096];
    private bool _begun;
    private bool _returned;

    /// <summary>Begins a stream.</summary>
    public LineSplitter(SecretMasker masker) => _line = new MaskedLine(masker);

    /// <summary>Takes the next bytes and adds the lines they complete.</summary>
    public void Write(ReadOnlySpan<byte> utf8, ICollection<string> lines)
    {
        while (utf8.Length > 0)
        {
            _decoder.Convert(utf8, _chars, flush: false, out var used, out var made, out _);
            utf8 = utf8[used..];
            Write(_chars.AsSpan(0, made), lines);
        }
    }

    /// <summary>Ends the stream: an unfinished line becomes a line.</summary>
    public void End(ICollection<string> lines)
    {
        var made = _decoder.GetChars([], _chars, flush: true);
        Write(_chars.AsSpan(0, made), lines);
        _escapes.Reset();
        if (_begun)
        {
            EndLine(lines);
        }

        _colours.Reset();
        _returned = false;
    }

    private void Write(ReadOnlySpan<char> text, ICollection<string> lines)
    {
        while (text.Length > 0)
        {
            if (_escapes.IsOpen && text[0] is not ('\n' or '\r'))
            {
                text = text[Escape(text)..];
                continue;
            }

            // A sequence that a line end cuts off is no sequence.
            _escapes.Reset();

            var plain = text.IndexOfAny(Specials) is >= 0 and var at ? at : text.Length;
            if (plain > 0)
            {
                Visible(text[..plain], lines);
            }

            if (plain < text.Length)
            {
                Special(text[plain], lines);
                plain++;
            }

            text = text[plain..];
        }
    }

    private void Special(char c, ICollection<string> lines)
    {
        switch (c)
        {
            case '\n':
                EndLine(lines);
                break;
            case '\r':
                _returned = true;
                break;
            case '\u001b' or '\u009b' or '\u009d' or '\u0090':
                _escapes.Open(c);
                break;
            default:
                Visible([Picture(c)], lines);
                break;
        }
    }

    // Returns how many characters were taken.
    private int Escape(ReadOnlySpan<char> text)
    {
        var taken = 1;
        if ((_escapes.TakeWhole(text, out taken) ?? _escapes.Take(text[0])) is not { } colour)
        {
            return taken;
        }

        // After a CR only text begins the line anew; a colour alone must not wipe it.
        if (!_returned)
        {
            Begin();
            _line.Colour(colour);
        }

        _colours.Set(colour);
        return taken;
    }

    private void Visible(ReadOnlySpan<char> text, ICollection<string> lines)
    {
        Begin();
        _line.Append(text);
        if (_line.Decided >= MaxLineBytes)
        {
            _taken.Append(_line.Take());
            LineCut.Cut(_taken, lines);
        }
    }

    private void Begin()
    {
        if (_returned)
        {
            _returned = false;
            _begun = false;
            _line.Clear();
            _taken.Clear();
        }

        if (!_begun)
        {
            _begun = true;
            if (_colours.Sequence is { Length: > 0 } sequence)
            {
                _line.Colour(sequence);
            }
        }
    }

    private void EndLine(ICollection<string> lines)
    {
        _returned = false;
        _begun = false;
        if (_taken.Length == 0 && _line.Decided < MaxLineBytes / 4)
        {
            lines.Add(_line.End());
            return;
        }

        _taken.Append(_line.End());
        LineCut.Cut(_taken, lines);
        lines.Add(_taken.ToString());
        _taken.Clear();
    }

    private static char Picture(char c) => c switch
    {
        < ' ' => (char)('\u2400' + c),
        '\u007f' => '\u2421',
        _ => '\ufffd',
    };
}
