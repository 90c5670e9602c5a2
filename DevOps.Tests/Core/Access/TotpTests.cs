using System.Text;
using DevOps.Core.Access;

namespace DevOps.Tests.Core.Access;

public sealed class TotpTests
{
    private static readonly byte[] Key = Encoding.ASCII.GetBytes("12345678901234567890");

    // Appendix B of RFC 6238; its eight digits end with our six.
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void Codes_are_those_of_the_standard(long seconds, string code) =>
        Assert.Equal(code, Totp.Code(Key, Totp.StepAt(DateTimeOffset.FromUnixTimeSeconds(seconds))));

    [Theory]
    [InlineData(-2, false)]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void Neighbouring_steps_count_and_no_others(int steps, bool counts)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_234_567_890);
        var step = Totp.StepAt(now) + steps;
        Assert.Equal(counts ? step : null, Totp.Match(Key, Totp.Code(Key, step), now));
    }

    [Theory]
    [InlineData("")]
    [InlineData("28708")]
    [InlineData("2870820")]
    [InlineData("２８７０８２")]
    [InlineData("287 082")]
    public void Text_of_another_form_is_no_code(string code) => Assert.Null(Totp.Match(Key, code, DateTimeOffset.FromUnixTimeSeconds(59)));

    [Fact]
    public void Address_and_text_are_what_apps_read()
    {
        Assert.Equal("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", Totp.Text(Key));
        Assert.Equal("MZXW6", Totp.Text(Encoding.ASCII.GetBytes("foo")));
        Assert.Equal("otpauth://totp/DevOps%20a.example:lin?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=DevOps%20a.example", Totp.Address("DevOps a.example", "lin", Key));
    }

    [Fact]
    public void Keys_are_long_and_never_the_same() => Assert.NotEqual(Totp.Text(Totp.NewKey()), Totp.Text(Totp.NewKey()));
}
