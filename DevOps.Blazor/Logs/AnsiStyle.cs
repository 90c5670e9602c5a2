using System.Globalization;

namespace DevOps.Blazor.Logs;

/// <summary>The look that is in force while a line is read.</summary>
internal sealed class AnsiStyle
{
    private readonly HashSet<string> _marks = new(StringComparer.Ordinal);
    private string? _colour;
    private string? _back;
    private bool _inverse;

    public AnsiSpan Span(string text)
    {
        var (colour, back) = _inverse ? (_back ?? "b", _colour ?? "f") : (_colour, _back);
        var classes = _marks.Order(StringComparer.Ordinal)
            .Append(Class(colour, "f"))
            .Append(Class(back, "g"))
            .OfType<string>();
        var all = string.Join(' ', classes);
        return new AnsiSpan(text, all.Length == 0 ? null : all, Hex(colour), Hex(back));
    }

    public void Apply(List<int> codes)
    {
        for (var i = 0; i < codes.Count; i++)
        {
            switch (codes[i])
            {
                case 0: Reset(); break;
                case 1 or 2 or 3 or 4 or 9: _marks.Add($"a{codes[i]}"); break;
                case 21 or 22: _marks.Remove("a1"); _marks.Remove("a2"); break;
                case 23 or 24 or 29: _marks.Remove($"a{codes[i] - 20}"); break;
                case 7: _inverse = true; break;
                case 27: _inverse = false; break;
                case >= 30 and <= 37: _colour = Name(codes[i] - 30); break;
                case >= 90 and <= 97: _colour = Name(codes[i] - 82); break;
                case 39: _colour = null; break;
                case >= 40 and <= 47: _back = Name(codes[i] - 40); break;
                case >= 100 and <= 107: _back = Name(codes[i] - 92); break;
                case 49: _back = null; break;
                case 38: _colour = Extended(codes, ref i) ?? _colour; break;
                case 48: _back = Extended(codes, ref i) ?? _back; break;
                default: break;
            }
        }
    }

    private void Reset()
    {
        _marks.Clear();
        _colour = _back = null;
        _inverse = false;
    }

    // 5;n from the table of 256, or 2;r;g;b.
    private static string? Extended(List<int> codes, ref int i)
    {
        if (i + 2 < codes.Count && codes[i + 1] == 5)
        {
            i += 2;
            return Table(codes[i]);
        }

        if (i + 4 < codes.Count && codes[i + 1] == 2)
        {
            i += 4;
            return Rgb(codes[i - 2], codes[i - 1], codes[i]);
        }

        i = codes.Count;
        return null;
    }

    private static string? Table(int n) => n switch
    {
        < 0 or > 255 => null,
        < 16 => Name(n),
        < 232 => Rgb(Level((n - 16) / 36), Level((n - 16) / 6 % 6), Level((n - 16) % 6)),
        _ => Rgb(8 + ((n - 232) * 10), 8 + ((n - 232) * 10), 8 + ((n - 232) * 10)),
    };

    private static int Level(int step) => step == 0 ? 0 : 55 + (step * 40);

    private static string Rgb(int r, int g, int b) =>
        string.Create(CultureInfo.InvariantCulture, $"#{Math.Clamp(r, 0, 255):x2}{Math.Clamp(g, 0, 255):x2}{Math.Clamp(b, 0, 255):x2}");

    private static string Name(int n) => n.ToString(CultureInfo.InvariantCulture);

    private static string? Class(string? colour, string prefix) => colour is null || colour[0] == '#' ? null : prefix + colour;

    private static string? Hex(string? colour) => colour?[0] == '#' ? colour : null;
}
