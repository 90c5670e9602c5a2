using DevOps.Blazor.Ui;
using DevOps.Core.Refusals;

namespace DevOps.Tests.Blazor.Ui;

public sealed class FormStateTests
{
    private readonly FormState _form = new();

    [Fact]
    public async Task Refused_input_is_shown_at_its_field_and_below_it()
    {
        var done = await _form.RunAsync(() => throw new InvalidInput(new Dictionary<string, Sentence[]>(StringComparer.Ordinal)
        {
            ["key"] = ["Too long."],
            ["build.variables.CI"] = ["Reserved."],
            ["servers[0]"] = ["Unknown."],
        }));

        Assert.False(done);
        Assert.Equal(["Too long."], _form.FaultsOf("key").Select(f => f.ToString()));
        Assert.Equal(["CI: Reserved."], _form.FaultsOf("build.variables").Select(f => f.ToString()));
        Assert.Equal(["[0]: Unknown."], _form.FaultsOf("servers").Select(f => f.ToString()));
        Assert.Empty(_form.FaultsOf("serv"));
        Assert.Equal(["servers[0]: Unknown."], _form.FaultsBesides("key", "build").Select(f => f.ToString()));
    }

    [Fact]
    public async Task Success_forgets_what_was_refused_before()
    {
        await _form.RunAsync(() => throw new Conflict("exists", "There is one."));
        Assert.IsType<Conflict>(_form.Refusal);

        Assert.True(await _form.RunAsync(() => Task.CompletedTask));
        Assert.Null(_form.Refusal);
        Assert.False(_form.Busy);
    }

    [Fact]
    public async Task Second_press_while_busy_does_nothing()
    {
        var gate = new TaskCompletionSource();
        var first = _form.RunAsync(() => gate.Task);
        Assert.False(await _form.RunAsync(() => throw new InvalidOperationException("must not run")));
        gate.SetResult();
        Assert.True(await first);
    }

    [Fact]
    public async Task Error_that_is_no_refusal_is_thrown_on_and_frees_the_form()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => _form.RunAsync(() => throw new InvalidOperationException("broken")));
        Assert.False(_form.Busy);
    }

    [Fact]
    public void Field_judged_on_leaving_keeps_and_loses_its_fault()
    {
        _form.Check("key", faults => faults.Add("key", "Not a slug."));
        Assert.True(_form.HasFaults);
        _form.Check("key", _ => { });
        Assert.False(_form.HasFaults);
    }
}
