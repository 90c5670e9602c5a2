using System.Text.Json;
using DevOps.Core.Refusals;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Persistence;

namespace DevOps.Tests.Infrastructure.Persistence;

public sealed class SentenceJsonTests
{
    [Fact]
    public void Sentence_comes_back_with_the_sentences_in_it()
    {
        Sentence stored = $"{Sentence.Of($"Project {"{shop}"}")} failed: {2}";

        var read = JsonSerializer.Deserialize<Sentence>(JsonSerializer.Serialize(stored, Json.Options), Json.Options)!;

        Assert.Equal("Project {shop} failed: 2", read.ToString());
        Assert.Equal("Project {0}", Assert.IsType<Sentence>(read.Arguments[0]).Format);
    }

    [Fact]
    public void Check_that_was_stored_as_text_is_read_as_it_was_said()
    {
        var check = JsonSerializer.Deserialize<ServerCheck>("""{"reachable": false, "error": "No way {0}"}""", Json.Options)!;

        Assert.Equal("No way {0}", check.Error?.ToString());
    }
}
