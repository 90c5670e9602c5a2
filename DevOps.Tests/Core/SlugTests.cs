using DevOps.Core;
using DevOps.Core.Refusals;

namespace DevOps.Tests.Core;

public sealed class SlugTests
{
    [Theory]
    [InlineData("shop")]
    [InlineData("a")]
    [InlineData("web-shop-2")]
    public void Slug_of_the_right_form_is_accepted(string text)
    {
        var faults = new Faults();

        Slug.Check(text, "key", faults);

        Assert.True(faults.None);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Shop")]
    [InlineData("2shop")]
    [InlineData("-shop")]
    [InlineData("shop\n")]
    [InlineData("shop/..")]
    [InlineData("$(id)")]
    [InlineData("new")]
    [InlineData("a2345678901234567890123456789012345678901")]
    public void Anything_else_is_refused_with_the_field(string? text)
    {
        var faults = new Faults();

        Slug.Check(text, "key", faults);

        Assert.Contains("key", Assert.Throws<InvalidInput>(faults.ThrowIfAny).Errors.Keys);
    }
}
