using DevOps.Core;

namespace DevOps.Tests.Core;

public sealed class ExcerptTests
{
    [Theory]
    [InlineData("", 3, "")]
    [InlineData("abc", 3, "abc")]
    [InlineData("abcd", 3, "abc")]
    [InlineData("ab😀", 4, "ab😀")]
    [InlineData("ab😀c", 4, "ab😀")]
    [InlineData("ab😀c", 3, "ab")]
    [InlineData("😀", 1, "")]
    public void Text_ends_before_the_character_that_does_not_fit(string text, int max, string expected)
    {
        Assert.Equal(expected, Excerpt.Of(text, max));
    }

    [Theory]
    [InlineData("abc", 3, "abc")]
    [InlineData("abcd", 3, "ab…")]
    [InlineData("a😀bc", 3, "a…")]
    public void Shortened_text_says_that_there_was_more(string text, int max, string expected)
    {
        Assert.Equal(expected, Excerpt.Shortened(text, max));
    }
}
