using System.Diagnostics;
using DevOps.Core.Refusals;
using DevOps.Core.Releases;

namespace DevOps.Tests.Core.Releases;

public sealed class ArtifactPatternsTests
{
    [Theory]
    [InlineData("**", "a", true)]
    [InlineData("**", "a/b/c", true)]
    [InlineData("dist/**", "dist/a/b.js", true)]
    [InlineData("dist/**", "src/dist/a.js", false)]
    [InlineData("dist", "dist/a/b.js", true)]
    [InlineData("dist/", "dist/a/b.js", true)]
    [InlineData("dist/", "dist", false)]
    [InlineData("dist/*", "dist/a.js", true)]
    [InlineData("dist/*", "dist/a/b.js", false)]
    [InlineData("*", "a.txt", true)]
    [InlineData("*", "a/b.txt", false)]
    [InlineData("*.js", "a.js", true)]
    [InlineData("*.js", ".js", true)]
    [InlineData("*.js", "a.jsx", false)]
    [InlineData("**/*.jar", "app.jar", true)]
    [InlineData("**/*.jar", "target/lib/app.jar", true)]
    [InlineData("a/**/b", "a/b", true)]
    [InlineData("a/**/b", "a/x/y/b", true)]
    [InlineData("a/**/b", "a/x/y/b/c", true)]
    [InlineData("a/**/b", "a/x", false)]
    [InlineData("v?.txt", "v1.txt", true)]
    [InlineData("v?.txt", "v10.txt", false)]
    [InlineData("v[0-9].txt", "v7.txt", true)]
    [InlineData("v[!0-9].txt", "v7.txt", false)]
    [InlineData("v[]x].txt", "v].txt", true)]
    [InlineData("v[a-].txt", "v-.txt", true)]
    [InlineData("页面/*.html", "页面/首页.html", true)]
    [InlineData("Dist", "dist", false)]
    [InlineData("-rf", "-rf", true)]
    public void Matches_one_pattern(string pattern, string path, bool expected) =>
        Assert.Equal(expected, ArtifactPatterns.Parse([pattern]).Matches(path));

    [Fact]
    public void Matches_exclusion_wins_wherever_it_stands()
    {
        var patterns = ArtifactPatterns.Parse(["!**/*.map", "dist/**", "package.json"]);

        Assert.True(patterns.Matches("dist/a.js"));
        Assert.False(patterns.Matches("dist/a.js.map"));
        Assert.True(patterns.Matches("package.json"));
        Assert.False(patterns.Matches("src/a.js"));
    }

    [Fact]
    public void Matches_excluded_folder_takes_away_all_below() =>
        Assert.False(ArtifactPatterns.Parse(["**", "!node_modules"]).Matches("node_modules/x/y.js"));

    [Theory]
    [InlineData(".git/config")]
    [InlineData("lib/sub/.git")]
    public void Matches_git_folder_never(string path) => Assert.False(ArtifactPatterns.Parse(["**", ".git/**"]).Matches(path));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("!")]
    [InlineData("/etc/passwd")]
    [InlineData("!/etc/passwd")]
    [InlineData("..")]
    [InlineData("a/../b")]
    [InlineData("./a")]
    [InlineData("a//b")]
    [InlineData("a\\b")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("[abc")]
    [InlineData("[]")]
    [InlineData("[!]")]
    public void Parse_bad_pattern_is_refused(string pattern)
    {
        var refused = Assert.Throws<InvalidInput>(() => ArtifactPatterns.Parse(["ok", pattern]));

        Assert.Contains("build.artifacts", refused.Errors.Keys);
    }

    [Fact]
    public void Parse_too_many_too_long_or_only_exclusions_is_refused()
    {
        Assert.Throws<InvalidInput>(() => ArtifactPatterns.Parse([.. Enumerable.Repeat("a", 201)]));
        Assert.Throws<InvalidInput>(() => ArtifactPatterns.Parse([new string('a', 501)]));
        Assert.Throws<InvalidInput>(() => ArtifactPatterns.Parse(["!a"]));
        Assert.Throws<InvalidInput>(() => ArtifactPatterns.Parse([]));
    }

    [Theory]
    [InlineData("dist/**", "dist")]
    [InlineData("package.json", "package.json")]
    [InlineData("**/*.jar", "")]
    [InlineData("*.txt|dist/**", "")]
    [InlineData("dist/**|dist/js/*.js|package.json|!**/*.map", "dist|package.json")]
    [InlineData("a/b/c*|a/b/d|a/bc", "a/b|a/bc")]
    public void StaticPrefixes_are_the_fewest(string patterns, string expected) =>
        Assert.Equal(expected, string.Join('|', ArtifactPatterns.Parse(patterns.Split('|')).StaticPrefixes()));

    [Fact]
    public void Matches_hostile_pattern_ends_soon()
    {
        var stars = string.Concat(Enumerable.Repeat("a*", 200)) + "b";
        var folders = string.Join('/', Enumerable.Repeat("**/a", 90)) + "/b";
        var path = string.Join('/', Enumerable.Repeat("a", 100));
        var watch = Stopwatch.StartNew();

        Assert.False(ArtifactPatterns.Parse([stars]).Matches(new string('a', 4000)));
        Assert.False(ArtifactPatterns.Parse([folders]).Matches(path));

        // An exponential search would not end within days; the bound only has to tell the two apart.
        Assert.True(watch.Elapsed < TimeSpan.FromMinutes(1));
    }
}
