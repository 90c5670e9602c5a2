using DevOps.Core.Refusals;
using DevOps.Infrastructure.Access;

namespace DevOps.Tests.Infrastructure.Access;

public sealed class PasswordRulesTests
{
    [Theory]
    [InlineData("")]
    [InlineData("nine char")]
    [InlineData("aaaaaaaaaaaa")]
    [InlineData("christopher")]
    [InlineData("Christopher1!")]
    [InlineData("password123")]
    [InlineData("P@ssw0rd!2026")]
    [InlineData("1234567890")]
    [InlineData("0987654321")]
    [InlineData("qwertyuiop")]
    [InlineData("Qwert12345")]
    [InlineData("1q2w3e4r5t")]
    [InlineData("abcdabcdabcd")]
    [InlineData("Administrator1")]
    [InlineData("!!iloveyou!!")]
    public void Weak_password_is_refused(string password)
    {
        var faults = new Faults();
        PasswordRules.Check(password, "christopher", "password", faults);
        Assert.False(faults.None);
    }

    [Theory]
    [InlineData("ten chars!")]
    [InlineData("correct horse battery staple")]
    [InlineData("my name is christopher")]
    [InlineData("password of my old bicycle")]
    [InlineData("qwertyuiop plus a word")]
    [InlineData("正确的马电池订书钉密码")]
    public void Long_password_is_accepted(string password)
    {
        var faults = new Faults();
        PasswordRules.Check(password, "christopher", "password", faults);
        Assert.True(faults.None);
    }
}
