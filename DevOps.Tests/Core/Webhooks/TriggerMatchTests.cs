using DevOps.Core.Projects;
using DevOps.Core.Webhooks;

namespace DevOps.Tests.Core.Webhooks;

public sealed class TriggerMatchTests
{
    [Theory]
    [InlineData("main", "main", true)]
    [InlineData("main", "main/x", false)]
    [InlineData("release/*", "release/1.0", true)]
    [InlineData("release/*", "release/1/2", false)]
    [InlineData("release/**", "release/1/2", true)]
    [InlineData("*", "feature/a", false)]
    [InlineData("**", "feature/a", true)]
    [InlineData("**,!wip/**", "feature/a", true)]
    [InlineData("**,!wip/**", "wip/a", false)]
    [InlineData("!wip/**,**", "wip/a", false)]
    [InlineData("v[0-9]*", "v2", true)]
    [InlineData("MAIN", "main", false)]
    public void Branch_matches_by_pattern(string patterns, string branch, bool deploys) =>
        Assert.Equal(deploys, Decide(new TriggerSpec { Branches = patterns.Split(',') }, Branch(branch)).Deploys);

    [Fact]
    public void Without_patterns_the_project_s_branch_counts_and_no_tag()
    {
        Assert.True(Decide(new TriggerSpec(), Branch("main")).Deploys);
        Assert.Equal("branch dev matches no trigger (main)", Decide(new TriggerSpec(), Branch("dev")).Why.ToString());
        Assert.False(Decide(new TriggerSpec(), Tag("v1")).Deploys);
    }

    [Fact]
    public void With_tags_alone_no_branch_counts()
    {
        var triggers = new TriggerSpec { Tags = ["v*"] };

        Assert.True(Decide(triggers, Tag("v1")).Deploys);
        Assert.Equal("branch main matches no trigger (there is none for it)", Decide(triggers, Branch("main")).Why.ToString());
    }

    [Fact]
    public void Name_of_unknown_kind_is_tried_as_branch_and_as_tag()
    {
        var triggers = new TriggerSpec { Branches = ["main"], Tags = ["v*"] };

        Assert.True(Decide(triggers, Branch("main") with { Kind = PushedKind.Unknown }).Deploys);
        Assert.True(Decide(triggers, Branch("v1") with { Kind = PushedKind.Unknown }).Deploys);
        Assert.Equal("reference dev matches no trigger (main, v*)", Decide(triggers, Branch("dev") with { Kind = PushedKind.Unknown }).Why.ToString());
    }

    [Theory]
    [InlineData("src/a.cs", true)]
    [InlineData("docs/a.md", false)]
    [InlineData("src/deep/x/y.txt", true)]
    [InlineData("src/readme.md", false)]
    public void Path_filter_wants_one_file_that_matches(string path, bool deploys) =>
        Assert.Equal(deploys, Decide(new TriggerSpec { Paths = ["src/**", "!**/*.md"] }, Branch("main") with { Paths = ["other.txt", path] }).Deploys);

    [Fact]
    public void Path_filter_does_not_ignore_what_may_be_incomplete_and_says_so()
    {
        var verdict = Decide(new TriggerSpec { Paths = ["src/**"] }, Branch("main") with { Paths = null });

        Assert.True(verdict.Deploys);
        Assert.Contains("does not name every file", verdict.Why.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Path_filter_is_not_for_tags() =>
        Assert.True(Decide(new TriggerSpec { Tags = ["v*"], Paths = ["src/**"] }, Tag("v1") with { Paths = [] }).Deploys);

    [Theory]
    [InlineData("Fix typo [skip deploy]", false)]
    [InlineData("Fix typo\n\n[Skip Deploy]", false)]
    [InlineData("Fix typo", true)]
    public void Skip_marker_in_the_message_keeps_from_deploying(string message, bool deploys) =>
        Assert.Equal(deploys, Decide(new TriggerSpec(), Branch("main") with { Message = message }).Deploys);

    [Fact]
    public void Deleted_branch_does_not_deploy() =>
        Assert.Equal("branch main was deleted", Decide(new TriggerSpec(), Branch("main") with { Deleted = true }).Why.ToString());

    private static TriggerVerdict Decide(TriggerSpec triggers, Push push) => TriggerMatch.Decide(triggers, "main", push);

    private static Push Branch(string name) => new() { Kind = PushedKind.Branch, Name = name, Paths = ["a"] };

    private static Push Tag(string name) => new() { Kind = PushedKind.Tag, Name = name };
}
