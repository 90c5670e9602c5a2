using DevOps.Blazor.Logs;

namespace DevOps.Tests.Blazor.Logs;

public sealed class AnsiSpansTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a\u001b[31mb\u001b[0mc", "a|b:f1|c")]
    [InlineData("\u001b[1;32mok\u001b[22m still", "ok:a1 f2| still:f2")]
    [InlineData("\u001b[91mbright\u001b[39m off", "bright:f9| off")]
    [InlineData("\u001b[30;47mx", "x:f0 g7")]
    [InlineData("\u001b[7mx\u001b[27my", "x:fb gf|y")]
    [InlineData("\u001b[38;5;196mx", "x:#ff0000")]
    [InlineData("\u001b[38;5;9mx", "x:f9")]
    [InlineData("\u001b[48;5;240mx", "x:/#585858")]
    [InlineData("\u001b[38;2;1;2;300mx", "x:#0102ff")]
    [InlineData("\u001b[mx", "x")]
    public void Colours_become_pieces_with_a_look(string text, string expected) =>
        Assert.Equal(expected, string.Join('|', AnsiSpans.Parse(text).Select(Show)));

    [Theory]
    [InlineData("x\u001b", "x")]
    [InlineData("x\u001b[", "x")]
    [InlineData("x\u001b[31", "x")]
    [InlineData("x\u001b[31y", "x|y")]
    [InlineData("x\u001b[38;5m\u001b[38;2;1my", "x|y")]
    [InlineData("x\u001b[99999999999;31my", "x|y:f1")]
    [InlineData("\u001b[38;5;999mx", "x")]
    public void Sequences_that_are_cut_off_or_unknown_leave_no_trace(string text, string expected) =>
        Assert.Equal(expected, string.Join('|', AnsiSpans.Parse(text).Select(Show)));

    [Fact]
    public void Markup_stays_text() =>
        Assert.Equal(new AnsiSpan("<script>alert(1)</script>", "f1"), Assert.Single(AnsiSpans.Parse("\u001b[31m<script>alert(1)</script>")));

    [Fact]
    public void An_empty_line_has_no_pieces() => Assert.Empty(AnsiSpans.Parse(""));

    private static string Show(AnsiSpan span)
    {
        var look = string.Join(' ', new[] { span.Class, span.Colour, span.Back is null ? null : "/" + span.Back }.OfType<string>());
        return look.Length == 0 ? span.Text : $"{span.Text}:{look}";
    }
}
