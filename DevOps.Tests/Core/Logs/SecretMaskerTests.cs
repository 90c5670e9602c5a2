using System.Net;
using System.Text;
using System.Text.Json;
using DevOps.Core.Logs;
using DevOps.Core.Pipeline.Commands;
using DevOps.Core.Secrets;

namespace DevOps.Tests.Core.Logs;

public sealed class SecretMaskerTests
{
    private const string Awkward = "p@ss wörd/+\"'\\&<1>";

    [Fact]
    public void A_value_is_masked_wherever_it_stands() =>
        Assert.Equal("a *** b *** c", Masker("hunter22").Apply("a hunter22 b hunter22 c"));

    [Fact]
    public void A_text_without_secrets_is_left_alone() =>
        Assert.Equal("hunter2 hunter 22", Masker("hunter22").Apply("hunter2 hunter 22"));

    [Fact]
    public void A_value_of_three_characters_is_not_masked() =>
        Assert.Equal("abc", Masker("abc").Apply("abc"));

    [Fact]
    public void The_longest_of_nested_secrets_is_masked_whole() =>
        Assert.Equal("x***y", Masker("token", "token-long").Apply("xtoken-longy"));

    [Fact]
    public void Overlapping_secrets_leave_nothing_of_either() =>
        Assert.Equal("x***y", Masker("abcdef", "defghi").Apply("xabcdefghiy"));

    [Fact]
    public void Repeated_beginnings_do_not_hide_a_secret() =>
        Assert.Equal("a***", Masker("aaab").Apply("aaaab"));

    public static TheoryData<string> Spellings() =>
    [
        Awkward,
        Uri.EscapeDataString(Awkward),
        Uri.EscapeDataString(Awkward).ToLowerInvariant(),
        WebUtility.UrlEncode(Awkward),
        WebUtility.HtmlEncode(Awkward),
        JsonSerializer.Serialize(Awkward)[1..^1],
        ShellQuote.Word(Awkward)[1..^1],
        Convert.ToBase64String(Encoding.UTF8.GetBytes(Awkward)),
        Convert.ToBase64String(Encoding.UTF8.GetBytes(Awkward)).TrimEnd('='),
        Convert.ToBase64String(Encoding.UTF8.GetBytes(Awkward + "\n")),
    ];

    [Theory]
    [MemberData(nameof(Spellings))]
    public void Every_spelling_is_masked_whole(string spelling) =>
        Assert.Equal("[***]", Masker(Awkward).Apply($"[{spelling}]"));

    [Theory]
    [InlineData("", "")]
    [InlineData("u", ":x")]
    [InlineData("us", ":")]
    [InlineData("use", "")]
    [InlineData("user:", "@host.example")]
    public void Base64_of_a_text_around_the_value_does_not_show_it(string before, string after)
    {
        const string Secret = "s3cr3t-t0ken-value";
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(before + Secret + after));

        var masked = Masker(Secret).Apply(encoded);

        Assert.Contains("***", masked, StringComparison.Ordinal);
        var rest = masked.Split("***").Sum(p => p.Length);
        var around = Convert.ToBase64String(Encoding.UTF8.GetBytes(before)).Length + Convert.ToBase64String(Encoding.UTF8.GetBytes(after)).Length;
        Assert.True(rest <= around + 4, $"{rest} characters remain of {encoded}");
    }

    [Fact]
    public void Base64_for_addresses_is_masked() =>
        Assert.Equal("***", Masker("???>>>~~~").Apply(Convert.ToBase64String("???>>>~~~"u8).Replace('+', '-').Replace('/', '_')));

    [Fact]
    public void Each_line_of_a_multi_line_value_is_masked()
    {
        const string Key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----\n";

        Assert.Equal("***", Masker(Key).Apply("MIIEvQIBADANBgkq"));
        Assert.Equal("  ***!", Masker(Key).Apply("  hkiG9w0BAQEFAASC!"));
        Assert.Equal("***", Masker(Key).Apply(JsonSerializer.Serialize(Key.Trim())[1..^1]));
    }

    [Fact]
    public void Wrapped_base64_of_a_long_value_is_masked_line_by_line()
    {
        var value = string.Concat(Enumerable.Range(0, 40).Select(i => $"part{i:00}"));
        var wrapped = Convert.ToBase64String(Encoding.UTF8.GetBytes(value)).Chunk(76).Select(l => new string(l));
        var masker = Masker(value);

        Assert.All(wrapped, line => Assert.Equal("***", masker.Apply(line)));
    }

    [Fact]
    public void A_thousand_secrets_are_found_in_one_pass()
    {
        var secrets = Enumerable.Range(0, 1000).Select(i => $"secret-number-{i:0000}-{i * 7919}").ToArray();
        var masker = Masker(secrets);

        Assert.All(secrets.Where((_, i) => i % 37 == 0), s => Assert.Equal("a***b", masker.Apply($"a{s}b")));
    }

    [Fact]
    public void A_text_made_of_the_beginning_of_a_secret_takes_linear_time()
    {
        var masker = Masker(new string('a', 20_000) + "b");

        Assert.Equal(new string('a', 1_000_000), masker.Apply(new string('a', 1_000_000)));
    }

    private static SecretMasker Masker(params string[] secrets) => new(secrets.Select(s => new Sensitive(s)));
}
