using System.Text;
using DevOps.Core.Logs;
using DevOps.Core.Secrets;

namespace DevOps.Tests.Core.Logs;

public sealed class LineSplitterTests
{
    private const string Secret = "s3cr3t-välue/with+signs";

    [Fact]
    public void Lines_end_with_lf_or_cr_lf() =>
        Assert.Equal(["one", "two", "", "four"], Split("one\ntwo\r\n\nfour"));

    [Fact]
    public void The_last_state_of_a_progress_bar_remains() =>
        Assert.Equal(["100 %", "done"], Split("10 %\r50 %\r100 %\r\ndone\n"));

    [Fact]
    public void A_doubled_cr_before_the_line_end_loses_nothing() =>
        Assert.Equal(["text"], Split("text\r\r\n"));

    [Fact]
    public void A_colour_after_a_cr_does_not_wipe_the_line() =>
        Assert.Equal(["text"], Split("text\r\u001b[0m\n"));

    [Fact]
    public void Invalid_utf8_becomes_the_replacement_character()
    {
        var lines = new List<string>();
        new LineSplitter(new SecretMasker([])).Write([0x61, 0xff, 0x62, 0xc3, 0x0a], lines);

        Assert.Equal(["a\ufffdb\ufffd"], lines);
    }

    [Fact]
    public void A_character_cut_by_a_chunk_border_is_put_together()
    {
        var bytes = Encoding.UTF8.GetBytes("日本語 🚀 ok\n");
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            Assert.Equal(["日本語 🚀 ok"], Split(bytes, cut));
        }
    }

    [Fact]
    public void Colours_stay_and_other_sequences_vanish() =>
        Assert.Equal(["\u001b[1;31mred\u001b[0m plain link"], Split("\u001b[1;31mred\u001b[0m\u001b[2K\u001b[3A \u001b]0;title\u0007plain \u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\\u001b(B\n"));

    [Fact]
    public void Control_characters_become_pictures() =>
        Assert.Equal(["a␇b␀c\td␡e␈"], Split("a\u0007b\0c\td\u007fe\b\n"));

    [Fact]
    public void A_sequence_that_never_ends_does_not_swallow_the_next_line() =>
        Assert.Equal(["a", "b"], Split("a\u001b]0;never\nb\n"));

    [Fact]
    public void A_colour_that_is_still_on_is_carried_to_the_next_line() =>
        Assert.Equal(["\u001b[32mone", "\u001b[32mtwo\u001b[0m", "three"], Split("\u001b[32mone\ntwo\u001b[0m\nthree\n"));

    [Fact]
    public void A_line_that_is_too_long_is_cut_and_nothing_is_lost()
    {
        var text = string.Concat(Enumerable.Range(0, 120_000).Select(i => "0123456789日"[i % 11]));

        var lines = Split(text + "\nnext\n");

        Assert.Equal("next", lines[^1]);
        Assert.Equal(text, string.Concat(lines.SkipLast(1)));
        Assert.All(lines, l => Assert.True(Encoding.UTF8.GetByteCount(l) <= LineSplitter.MaxLineBytes));
    }

    [Fact]
    public void A_line_of_a_megabyte_is_cut_into_full_pieces()
    {
        var lines = Split(new string('x', 1024 * 1024) + "\n");

        Assert.Equal(1024 * 1024, lines.Sum(l => l.Length));
        Assert.InRange(lines.Count, 64, 66);
    }

    [Fact]
    public void A_secret_is_masked_across_every_border_of_two_chunks()
    {
        var bytes = Encoding.UTF8.GetBytes($"before {Secret} after\n");
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            Assert.Equal(["before *** after"], Split(bytes, cut, Secret));
        }
    }

    [Fact]
    public void A_secret_is_masked_when_every_byte_comes_alone()
    {
        var lines = new List<string>();
        var splitter = new LineSplitter(Masker(Secret));
        foreach (var b in Encoding.UTF8.GetBytes($"x{Secret}y\n"))
        {
            splitter.Write([b], lines);
        }

        Assert.Equal(["x***y"], lines);
    }

    [Fact]
    public void A_secret_on_the_cut_of_a_long_line_is_masked_wherever_it_lies()
    {
        for (var before = LineSplitter.MaxLineBytes - 60; before < LineSplitter.MaxLineBytes + 5; before++)
        {
            var lines = Split(Encoding.UTF8.GetBytes(new string('x', before) + Secret + new string('y', 40_000) + "\n"), before + 3, Secret);

            Assert.Equal(new string('x', before) + "***" + new string('y', 40_000), string.Concat(lines));
        }
    }

    [Fact]
    public void A_secret_longer_than_a_line_is_masked()
    {
        var secret = string.Concat(Enumerable.Range(0, 9000).Select(i => $"{i:x4}"));

        Assert.Equal(["a***b"], Split(Encoding.UTF8.GetBytes($"a{secret}b\n"), 5000, secret));
    }

    [Fact]
    public void A_repeated_secret_longer_than_a_line_in_total_is_masked()
    {
        var lines = Split(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Secret, 3000)) + "\n"), 7, Secret);

        Assert.Equal("", string.Concat(lines).Replace("*", ""));
    }

    [Fact]
    public void Colours_inside_a_secret_do_not_hide_it() =>
        Assert.Equal(["a***\u001b[31m\u001b[0mb"], Split(Encoding.UTF8.GetBytes($"a{Secret[..4]}\u001b[31m{Secret[4..8]}\u001b[0m{Secret[8..]}b\n"), 6, Secret));

    [Fact]
    public void A_secret_is_masked_in_a_line_without_end() =>
        Assert.Equal(["pass ***"], Split(Encoding.UTF8.GetBytes("pass " + Secret), 8, Secret));

    [Fact]
    public void Any_chunking_gives_the_same_lines()
    {
        var random = new Random(4711);
        var parts = new[] { Secret, Secret[..9], "\u001b[1;31m", "\u001b[0m", "\u001b[2J", "\u001b]0;t\u0007", "\u001b", "[31", "m", "\r", "\n", "\r\n", "日本", "\0", "plain text ", new string('y', 9000) };
        for (var round = 0; round < 200; round++)
        {
            var bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 40).Select(_ => parts[random.Next(parts.Length)])));
            var whole = Split(bytes, bytes.Length, Secret);

            Assert.Equal(whole, Split(bytes, random.Next(bytes.Length + 1), Secret));
            Assert.DoesNotContain(whole, l => LogText.Visible(l).Contains(Secret, StringComparison.Ordinal));
            Assert.All(whole, l => Assert.True(Encoding.UTF8.GetByteCount(l) <= LineSplitter.MaxLineBytes));
        }
    }

    private static List<string> Split(string text) => Split(Encoding.UTF8.GetBytes(text), 0);

    private static List<string> Split(byte[] bytes, int cut, params string[] secrets)
    {
        var lines = new List<string>();
        var splitter = new LineSplitter(Masker(secrets));
        splitter.Write(bytes.AsSpan(0, cut), lines);
        splitter.Write(bytes.AsSpan(cut), lines);
        splitter.End(lines);
        return lines;
    }

    private static SecretMasker Masker(params string[] secrets) => new(secrets.Select(s => new Sensitive(s)));
}
