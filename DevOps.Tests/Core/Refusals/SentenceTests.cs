using System.Globalization;
using DevOps.Core.Pipeline;
using DevOps.Core.Refusals;

namespace DevOps.Tests.Core.Refusals;

public sealed class SentenceTests
{
    [Fact]
    public void Interpolated_text_becomes_a_form_and_what_stands_in_it()
    {
        var (name, tries) = ("web-1", 3);

        Sentence sentence = $"Server {name} is away after {tries} tries. Use {{host}}.";

        Assert.Equal("Server {0} is away after {1} tries. Use {{host}}.", sentence.Format);
        Assert.Equal(new object[] { "web-1", "3" }, sentence.Arguments);
        Assert.Equal("Server web-1 is away after 3 tries. Use {host}.", sentence.ToString());
    }

    [Fact]
    public void Constant_text_may_hold_braces()
    {
        Sentence sentence = "Such as /srv/{project}.";

        Assert.Equal("Such as /srv/{project}.", sentence.ToString());
        Assert.Empty(sentence.Arguments);
    }

    [Fact]
    public void Numbers_are_written_the_same_everywhere()
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new CultureInfo("de-DE");
        try
        {
            Sentence sentence = $"It took {1234.5:0.00} s.";

            Assert.Equal("It took 1234.50 s.", sentence.ToString());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Sentences_in_sentences_are_translated_too()
    {
        Sentence sentence = $"{Sentence.Of($"Project {"shop"}")} was not found.";

        Assert.Equal("找不到项目 shop。", sentence.Say(form => form switch { "{0} was not found." => "找不到{0}。", "Project {0}" => "项目 {0}", _ => form }));
        Assert.Equal("Project shop was not found.", sentence.ToString());
    }

    [Fact]
    public void Output_of_programs_stays_as_it_is()
    {
        var sentence = Sentence.Of("The build failed.").Above("npm ERR! {0} }{");

        Assert.Equal("失败。\nnpm ERR! {0} }{", sentence.Say(form => form is "The build failed." ? "失败。" : form));
        Assert.Equal("The build failed.", Sentence.Of("The build failed.").Above("").ToString());
    }

    [Fact]
    public void Secrets_are_hidden_in_what_stands_in_a_sentence_at_any_depth()
    {
        Sentence sentence = $"{Sentence.Of($"\"login {"hunter2"}\" ended.")} It said: {"hunter2"}";

        Assert.DoesNotContain("hunter2", sentence.Map(text => text.Replace("hunter2", "***", StringComparison.Ordinal)).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Exception_that_says_something_gives_its_sentence_and_others_their_message()
    {
        Assert.Equal("Host {0} is away.", Sentence.Of(new StepFailure($"Host {"a"} is away.")).Format);
        Assert.Equal("Disk {0} is full.", Sentence.Of(new IOException("Disk {0} is full.")).ToString());
    }

    [Fact]
    public void Refused_input_says_its_faults_in_English_and_keeps_them_to_be_translated()
    {
        var faults = new Faults();
        faults.When(true, "key", $"Use {40} characters at most.");
        faults.AddAny("name", null);

        var refused = Assert.Throws<InvalidInput>(faults.ThrowIfAny);

        Assert.Equal(["Use 40 characters at most."], refused.Errors["key"]);
        Assert.Equal("Use {0} characters at most.", Assert.Single(refused.Faults["key"]).Format);
        Assert.Equal("The request has fields that cannot be accepted: key: Use 40 characters at most.", refused.Message);
    }
}
