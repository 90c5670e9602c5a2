using System.Buffers;
using System.Text;

namespace DevOps.Core.Logs;

/// <summary>Follows one escape sequence to its end and lets only colours (SGR) through; cursor movements, titles, links and the like vanish.</summary>
internal sealed class EscapeFilter
{
    private const char Escape = '\u001b';
    private const int LongestColour = 64;

    // A sequence that never ends must not swallow the log.
    private const int LongestSequence = 2048;

    // The same few colours come again and again; each is one string.
    private const int MostKnown = 256;

    private static readonly SearchValues<char> ColourCharacters = SearchValues.Create("0123456789;:");

    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);
    private readonly StringBuilder _parameters = new();
    private Kind _kind;
    private int _length;

    private enum Kind
    {
        None,
        Begun,
        Parameters,
        Text,
        TextEscape,
        Designation,
    }

    public bool IsOpen => _kind != Kind.None;

    public void Open(char c)
    {
        Reset();
        _kind = c switch
        {
            '\u009b' => Kind.Parameters,
            '\u009d' or '\u0090' => Kind.Text,
            _ => Kind.Begun,
        };
    }

    public void Reset()
    {
        _kind = Kind.None;
        _length = 0;
        _parameters.Clear();
    }

    /// <summary>Takes a colour that lies whole before it, just after its escape character: the usual case, at once.</summary>
    /// <param name="text">What follows the escape character.</param>
    /// <param name="taken">How many characters it has; 1 when there is none, for <see cref="Take"/>.</param>
    public string? TakeWhole(ReadOnlySpan<char> text, out int taken)
    {
        taken = 1;
        if (_kind != Kind.Begun || _length > 0 || text[0] != '[')
        {
            return null;
        }

        var end = text[1..Math.Min(text.Length, LongestColour + 2)].IndexOfAnyExcept(ColourCharacters) + 1;
        if (end == 0 || text[end] != 'm')
        {
            return null;
        }

        taken = end + 1;
        Reset();
        return Known(text[..taken]);
    }

    /// <summary>Takes the next character; returns a whole colour sequence when it ends one.</summary>
    public string? Take(char c)
    {
        if (++_length > LongestSequence)
        {
            Reset();
            return null;
        }

        switch (_kind)
        {
            case Kind.Begun:
                Begin(c);
                return null;
            case Kind.Parameters:
                return Parameter(c);
            case Kind.Text:
                _kind = c switch { '\u0007' or '\u009c' or '\n' => Kind.None, Escape => Kind.TextEscape, _ => Kind.Text };
                return null;
            default:
                _kind = Kind.None;
                return null;
        }
    }

    private string Known(ReadOnlySpan<char> sequence)
    {
        var lookup = _known.GetAlternateLookup<ReadOnlySpan<char>>();
        if (lookup.TryGetValue(sequence, out var known))
        {
            return known;
        }

        known = $"{Escape}{sequence}";
        if (_known.Count < MostKnown)
        {
            lookup[sequence] = known;
        }

        return known;
    }

    private void Begin(char c) => _kind = c switch
    {
        '[' => Kind.Parameters,
        ']' or 'P' or 'X' or '^' or '_' => Kind.Text,
        '(' or ')' or '*' or '+' or '#' or '%' or ' ' => Kind.Designation,
        Escape => Kind.Begun,
        _ => Kind.None,
    };

    private string? Parameter(char c)
    {
        if (c is >= '\u0020' and < '\u0040')
        {
            _parameters.Append(c);
            return null;
        }

        var parameters = _parameters.ToString();
        Reset();
        if (c == Escape)
        {
            Open(c);
        }

        var isColour = c == 'm' && parameters.Length <= LongestColour && parameters.All(p => char.IsAsciiDigit(p) || p is ';' or ':');
        return isColour ? $"{Escape}[{parameters}m" : null;
    }
}
