using System.Text;
using System.Text.Json;
using DevOps.Core.Refusals;
using DevOps.Core.Webhooks;

namespace DevOps.Tests.Core.Webhooks;

public sealed class DeliveryReaderTests
{
    private const string Before = "1111111111111111111111111111111111111111";
    private const string After = "2222222222222222222222222222222222222222";
    private const string Zeros = "0000000000000000000000000000000000000000";

    [Fact]
    public void Push_names_branch_commit_author_message_sender_and_files()
    {
        var content = Read(WebhookProvider.Github, GitHub(commits: 2));

        var push = Assert.Single(content.Pushes);
        Assert.Equal(("push", "lin"), (content.Event, content.Sender));
        Assert.Equal((PushedKind.Branch, "feature/a", After, "Change 1", "Lin"), (push.Kind, push.Name, push.Commit, push.Message, push.Author));
        Assert.Equal(["added0", "added1", "gone", "src/a.cs"], push.Paths!.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Tag_takes_the_commit_and_not_the_object_of_the_tag()
    {
        var push = Read(WebhookProvider.Gitlab, $$"""{"object_kind":"tag_push","ref":"refs/tags/v1.0","before":"{{Zeros}}","after":"{{Before}}","checkout_sha":"{{After}}","commits":[]}""").Pushes[0];

        Assert.Equal((PushedKind.Tag, "v1.0", After), (push.Kind, push.Name, push.Commit));
    }

    [Theory]
    [InlineData("\"deleted\":true", After)]
    [InlineData("\"x\":1", Zeros)]
    public void Deleted_branch_is_told_by_flag_or_by_zeros(string extra, string after) =>
        Assert.True(Read(WebhookProvider.Github, $$"""{"ref":"refs/heads/old","before":"{{Before}}","after":"{{after}}",{{extra}} }""").Pushes[0].Deleted);

    // What a sender may have cut, and what says nothing of what differs from before, is not taken for the whole.
    [Theory]
    [InlineData(WebhookProvider.Github, 19, true)]
    [InlineData(WebhookProvider.Github, 20, false)]
    [InlineData(WebhookProvider.Github, 300, false)]
    [InlineData(WebhookProvider.Gitlab, 19, true)]
    [InlineData(WebhookProvider.Gitlab, 20, false)]
    [InlineData(WebhookProvider.Gitea, 4, true)]
    [InlineData(WebhookProvider.Gitea, 5, false)]
    [InlineData(WebhookProvider.Gitee, 9, true)]
    [InlineData(WebhookProvider.Gitee, 10, false)]
    [InlineData(WebhookProvider.Github, 0, false)]
    public void List_of_files_counts_as_whole_only_below_the_number_that_senders_cut_at(WebhookProvider provider, int commits, bool whole) =>
        Assert.Equal(whole, Read(provider, GitHub(commits)).Pushes[0].Paths is not null);

    [Theory]
    [InlineData(WebhookProvider.Gitlab, "\"total_commits_count\":20", 20, true)]
    [InlineData(WebhookProvider.Gitlab, "\"total_commits_count\":21", 20, false)]
    [InlineData(WebhookProvider.Gitea, "\"total_commits\":5", 5, true)]
    [InlineData(WebhookProvider.Gitea, "\"total_commits\":6", 5, false)]
    [InlineData(WebhookProvider.Gitee, "\"commits_more_than_ten\":true", 3, false)]
    [InlineData(WebhookProvider.Github, "\"forced\":true", 1, false)]
    [InlineData(WebhookProvider.Github, "\"created\":true", 1, false)]
    public void Sender_that_counts_or_forces_or_begins_is_believed(WebhookProvider provider, string extra, int commits, bool whole) =>
        Assert.Equal(whole, Read(provider, GitHub(commits, extra)).Pushes[0].Paths is not null);

    [Fact]
    public void New_branch_and_commits_without_files_do_not_say_what_differs()
    {
        Assert.Null(Read(WebhookProvider.Github, GitHub(1).Replace(Before, Zeros, StringComparison.Ordinal)).Pushes[0].Paths);
        Assert.Null(Read(WebhookProvider.Gitea, GitHub(1).Replace("\"removed\"", "\"nothing\"", StringComparison.Ordinal)).Pushes[0].Paths);
    }

    [Fact]
    public void Bitbucket_tells_of_several_changes_at_once()
    {
        var pushes = Read(WebhookProvider.Bitbucket, $$"""
            {"actor":{"nickname":"emma"},"push":{"changes":[
              {"new":{"type":"branch","name":"main","target":{"hash":"{{After}}","message":"One\n","author":{"raw":"Emma <e@x>"} } },"old":null},
              {"new":{"type":"tag","name":"v1","target":{"hash":"{{After}}"} } },
              {"new":null,"old":{"type":"branch","name":"gone"},"closed":true}]} }
            """).Pushes;

        Assert.Equal([(PushedKind.Branch, "main", false), (PushedKind.Tag, "v1", false), (PushedKind.Branch, "gone", true)], pushes.Select(p => (p.Kind, p.Name, p.Deleted)));
    }

    [Theory]
    [InlineData("{\"ref\":\"main\"}", PushedKind.Unknown, "main", null)]
    [InlineData("{\"ref\":\"refs/tags/v1\",\"commit\":\"ABCDEF1\"}", PushedKind.Tag, "v1", "abcdef1")]
    public void Generic_body_is_a_reference_and_perhaps_a_commit(string body, PushedKind kind, string name, string? commit)
    {
        var push = Read(WebhookProvider.Generic, body).Pushes[0];

        Assert.Equal((kind, name, commit), (push.Kind, push.Name, push.Commit));
    }

    [Theory]
    [InlineData(WebhookProvider.Github, "X-GitHub-Event", "ping")]
    [InlineData(WebhookProvider.Github, "X-GitHub-Event", "issues")]
    [InlineData(WebhookProvider.Gitea, "X-Gitea-Event", "create")]
    [InlineData(WebhookProvider.Gitlab, "X-Gitlab-Event", "Merge Request Hook")]
    [InlineData(WebhookProvider.Gitee, "X-Gitee-Event", "Note Hook")]
    [InlineData(WebhookProvider.Bitbucket, "X-Event-Key", "diagnostics:ping")]
    public void Other_events_hold_no_push(WebhookProvider provider, string header, string name)
    {
        var content = DeliveryReader.Read(provider, new WebhookHeaders(new Dictionary<string, string>(StringComparer.Ordinal) { [header] = name }), "{}"u8.ToArray());

        Assert.Equal(name, content.Event);
        Assert.Empty(content.Pushes);
    }

    [Theory]
    [InlineData(WebhookProvider.Github, "")]
    [InlineData(WebhookProvider.Github, "[]")]
    [InlineData(WebhookProvider.Github, "not json")]
    [InlineData(WebhookProvider.Github, "{\"ref\":\"refs/heads/main\"}")]
    [InlineData(WebhookProvider.Github, "{\"after\":\"2222222222222222222222222222222222222222\"}")]
    [InlineData(WebhookProvider.Github, "{\"ref\":7,\"after\":\"2222222222222222222222222222222222222222\"}")]
    [InlineData(WebhookProvider.Github, "{\"ref\":\"refs/heads/--upload-pack=x\",\"after\":\"2222222222222222222222222222222222222222\"}")]
    [InlineData(WebhookProvider.Gitlab, "{\"object_kind\":\"push\",\"ref\":\"refs/heads/main\",\"after\":\"zz\"}")]
    [InlineData(WebhookProvider.Bitbucket, "{}")]
    [InlineData(WebhookProvider.Bitbucket, "{\"push\":{\"changes\":[{}]}}")]
    [InlineData(WebhookProvider.Bitbucket, "{\"push\":{\"changes\":[7]}}")]
    [InlineData(WebhookProvider.Generic, "{}")]
    [InlineData(WebhookProvider.Generic, "{\"ref\":\"main\",\"commit\":\"main\"}")]
    public void What_a_push_lacks_is_named(WebhookProvider provider, string body) => Assert.Throws<InvalidInput>(() => Read(provider, body));

    [Fact]
    public void Half_characters_and_nul_are_no_text_and_break_nothing()
    {
        var push = Read(WebhookProvider.Github, $$"""{"ref":"refs/heads/main","before":"{{Before}}","after":"{{After}}","head_commit":{"message":"\ud800"},"commits":[{"added":["a\u0000b","\ud800"],"modified":[],"removed":[]}]}""").Pushes[0];

        Assert.Equal("", push.Message);
        Assert.Equal(["ab"], push.Paths);
    }

    [Fact]
    public void Secretive_headers_are_hidden_and_long_ones_cut()
    {
        var kept = new WebhookHeaders(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["X-Gitlab-Token"] = "sesame",
            ["Authorization"] = "Bearer sesame",
            ["X-Hub-Signature-256"] = "sha256=sesame",
            ["Cookie"] = "sesame",
            ["User-Agent"] = new string('a', 900),
        }).Redacted();

        Assert.DoesNotContain("sesame", string.Join(' ', kept.Values), StringComparison.Ordinal);
        Assert.Equal(501, kept["User-Agent"].Length);
    }

    private static DeliveryContent Read(WebhookProvider provider, string body) =>
        DeliveryReader.Read(provider, new WebhookHeaders(new Dictionary<string, string>(StringComparer.Ordinal)), Encoding.UTF8.GetBytes(body));

    private static string GitHub(int commits, string extra = "\"x\":1")
    {
        var list = Enumerable.Range(0, commits).Select(i => new
        {
            id = i == commits - 1 ? After : Before,
            message = $"Change {i}",
            author = new { name = "Lin" },
            added = new[] { $"added{i}" },
            modified = new[] { "src/a.cs" },
            removed = new[] { "gone" },
        });
        return $$"""{"ref":"refs/heads/feature/a","before":"{{Before}}","after":"{{After}}","pusher":{"name":"lin"},"commits":{{JsonSerializer.Serialize(list)}},{{extra}} }""";
    }
}
