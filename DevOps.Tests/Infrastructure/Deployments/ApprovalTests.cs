using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Core.Audit;
using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Deployments;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Infrastructure.Deployments;

/// <summary>Deployments that wait for a named yes, on a real database and queue.</summary>
public sealed class ApprovalTests(DeploymentFixture platform) : IClassFixture<DeploymentFixture>
{
    private static readonly Actor Lin = Rooms.Platform("lin", Role.Deployer);
    private static readonly Actor Wang = Rooms.Platform("wang", Role.Maintainer);
    private static readonly Actor Zhao = Rooms.Platform("zhao", Role.Admin);

    [Fact]
    public async Task Deployment_waits_for_every_approval_and_then_runs()
    {
        var project = await ProjectAsync(required: 2);
        var id = await platform.RequestAsync(project, Lin);
        Assert.Equal((DeploymentStatus.PendingApproval, "approval 1 of 2"), await StateAsync(id));

        await ApproveAsync(Wang, id, "looks good");
        Assert.Equal((DeploymentStatus.PendingApproval, "approval 2 of 2"), await StateAsync(id));
        await ApproveAsync(Zhao, id);

        var done = await platform.WaitAsync(id, d => d.Status.IsFinal());
        Assert.Equal(DeploymentStatus.Succeeded, done.Status);
        Assert.Equal([("wang", ApprovalDecision.Approved, "looks good"), ("zhao", ApprovalDecision.Approved, "")], done.Approvals.Select(a => (a.By, a.Decision, a.Comment)));
    }

    [Fact]
    public async Task Approval_holds_for_the_commit_of_the_request_and_not_for_a_later_one()
    {
        var project = await ProjectAsync();
        var asked = platform.Source.Commit("main", new Dictionary<string, string>(StringComparer.Ordinal) { ["app.txt"] = "asked" }, "Asked for");
        var id = await platform.RequestAsync(project, Lin);
        platform.Source.Commit("main", new Dictionary<string, string>(StringComparer.Ordinal) { ["app.txt"] = "later" }, "Pushed later");

        await ApproveAsync(Wang, id);

        var done = await platform.WaitAsync(id, d => d.Status.IsFinal());
        Assert.Equal((DeploymentStatus.Succeeded, asked.Sha, "main"), (done.Status, done.Commit.Sha, done.Commit.Ref));
    }

    [Fact]
    public async Task Reference_that_cannot_be_found_cannot_be_approved()
    {
        var project = await ProjectAsync();

        var refused = await Assert.ThrowsAsync<Conflict>(() => platform.RequestAsync(project, Lin, request: new DeploymentRequest { Environment = "dev", Ref = "no-such-branch" }));

        Assert.Equal("commitUnknown", refused.Reason);
    }

    [Fact]
    public async Task Nobody_decides_about_their_own_deployment()
    {
        var project = await ProjectAsync();
        var id = await platform.RequestAsync(project, Wang);

        Assert.Contains("asked for", (await Assert.ThrowsAsync<Forbidden>(() => ApproveAsync(Wang, id))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<Forbidden>(() => RejectAsync(Wang, id));
        Assert.Equal(DeploymentStatus.PendingApproval, (await platform.ReadAsync(id)).Status);
    }

    [Fact]
    public async Task Role_below_the_rule_cannot_approve()
    {
        var project = await ProjectAsync(role: Role.Admin);
        var id = await platform.RequestAsync(project, Lin);

        await Assert.ThrowsAsync<Forbidden>(() => ApproveAsync(Rooms.Platform("sun", Role.Deployer), id));
        await Assert.ThrowsAsync<Forbidden>(() => ApproveAsync(Wang, id));
        await Assert.ThrowsAsync<NotFound>(() => ApproveAsync(Rooms.Member("out", project.Id + 1000, Role.Maintainer), id));
        await ApproveAsync(Zhao, id);
        await platform.WaitAsync(id, d => d.Status == DeploymentStatus.Succeeded);
    }

    [Fact]
    public async Task Each_person_decides_once()
    {
        var project = await ProjectAsync(required: 2);
        var id = await platform.RequestAsync(project, Lin);
        await ApproveAsync(Wang, id);

        Assert.Equal("decided", (await Assert.ThrowsAsync<Conflict>(() => ApproveAsync(Wang, id))).Reason);
        Assert.Equal("decided", (await Assert.ThrowsAsync<Conflict>(() => RejectAsync(Wang, id))).Reason);
    }

    [Fact]
    public async Task Reject_ends_it_with_the_reason_and_nothing_leaves_that_state()
    {
        var project = await ProjectAsync(required: 2);
        var id = await platform.RequestAsync(project, Lin);
        await ApproveAsync(Wang, id);

        await RejectAsync(Zhao, id, "not on a Friday");

        var ended = await platform.ReadAsync(id);
        Assert.Equal((DeploymentStatus.Rejected, "Rejected by zhao: not on a Friday"), (ended.Status, ended.Error?.ToString()));
        Assert.Equal("notPending", (await Assert.ThrowsAsync<Conflict>(() => ApproveAsync(Rooms.Platform("sun", Role.Admin), id))).Reason);
        Assert.Empty(platform.Hosts[project.Servers[0]].Commands);
    }

    [Fact]
    public async Task Two_last_words_at_once_put_it_into_the_queue_once()
    {
        var project = await ProjectAsync(required: 4);
        var id = await platform.RequestAsync(project, Lin);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => ApproveAsync(Rooms.Platform($"approver-{i}", Role.Maintainer), id))));

        var done = await platform.WaitAsync(id, d => d.Status.IsFinal());
        Assert.Equal((DeploymentStatus.Succeeded, 4), (done.Status, done.Approvals.Count));
        Assert.Equal(1, await JobsAsync(id, "deployment"));
    }

    [Fact]
    public async Task Same_person_pressing_twice_at_once_counts_once()
    {
        var project = await ProjectAsync(required: 2);
        var id = await platform.RequestAsync(project, Lin);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => TryAsync(() => ApproveAsync(Wang, id)))));

        Assert.Single(outcomes, won => won);
        Assert.Equal((DeploymentStatus.PendingApproval, "approval 2 of 2"), await StateAsync(id));
    }

    [Fact]
    public async Task Approve_and_cancel_at_once_leave_no_deployment_that_runs_and_is_cancelled()
    {
        for (var i = 0; i < 5; i++)
        {
            var project = await ProjectAsync();
            var id = await platform.RequestAsync(project, Lin);

            await Task.WhenAll(Task.Run(() => TryAsync(() => ApproveAsync(Wang, id))), Task.Run(() => TryAsync(() => CancelAsync(id))));

            var ended = await platform.WaitAsync(id, d => d.Status.IsFinal());
            Assert.Equal(DeploymentStatus.Cancelled, ended.Status);
        }
    }

    [Fact]
    public async Task Approve_and_reject_at_once_end_as_one_of_them()
    {
        var project = await ProjectAsync();
        var id = await platform.RequestAsync(project, Lin);

        var won = await Task.WhenAll(Task.Run(() => TryAsync(() => ApproveAsync(Wang, id))), Task.Run(() => TryAsync(() => RejectAsync(Zhao, id))));

        var ended = await platform.WaitAsync(id, d => d.Status.IsFinal());
        Assert.Single(won, w => w);
        Assert.Equal(won[0] ? DeploymentStatus.Succeeded : DeploymentStatus.Rejected, ended.Status);
        Assert.Single(ended.Approvals);
    }

    [Fact]
    public async Task Approval_that_does_not_come_in_time_ends_it_with_a_clear_error()
    {
        var project = await ProjectAsync(required: 2, expireSeconds: 1);
        var id = await platform.RequestAsync(project, Lin);

        var ended = await platform.WaitAsync(id, d => d.Status.IsFinal());

        Assert.Equal(DeploymentStatus.Cancelled, ended.Status);
        Assert.StartsWith("The approval expired: 0 of 2 by", ended.Error?.ToString(), StringComparison.Ordinal);
        Assert.Equal("notPending", (await Assert.ThrowsAsync<Conflict>(() => ApproveAsync(Wang, id))).Reason);
    }

    [Fact]
    public async Task Approval_after_its_time_is_refused_even_before_anyone_cleared_up()
    {
        var project = await ProjectAsync();
        var id = await platform.RequestAsync(project, Lin);
        await using (var db = await platform.Contexts.CreateDbContextAsync())
        {
            await db.Deployments.Where(d => d.Id == id).ExecuteUpdateAsync(set => set.SetProperty(d => d.ApprovalExpiresAt, DateTimeOffset.UtcNow.AddSeconds(-1)));
        }

        Assert.Equal("expired", (await Assert.ThrowsAsync<Conflict>(() => ApproveAsync(Wang, id))).Reason);
    }

    [Fact]
    public async Task Newer_request_takes_the_place_of_one_that_waits_for_approval_but_not_of_one_that_was_approved()
    {
        var project = await ProjectAsync();
        var held = platform.Hosts[project.Servers[0]].Hold(c => c.Script.StartsWith("restart", StringComparison.Ordinal));
        var running = await platform.RequestAsync(project, Lin);
        await ApproveAsync(Wang, running);
        await held.Started;
        var approved = await platform.RequestAsync(project, Lin);
        await ApproveAsync(Wang, approved);
        var pending = await platform.RequestAsync(project, Lin);

        var newest = await platform.RequestAsync(project, Lin);

        Assert.Equal(DeploymentStatus.Superseded, (await platform.ReadAsync(pending)).Status);
        Assert.Equal((DeploymentStatus.Queued, $"behind #{running}"), await StateAsync(approved));
        await ApproveAsync(Wang, newest);
        Assert.Equal(DeploymentStatus.Superseded, (await platform.ReadAsync(approved)).Status);
        held.Release();
        await platform.WaitAsync(newest, d => d.Status == DeploymentStatus.Succeeded);
    }

    [Fact]
    public async Task Every_word_stands_in_the_audit_log()
    {
        var project = await ProjectAsync(required: 2);
        var id = await platform.RequestAsync(project, Lin);
        await ApproveAsync(Wang, id, "fine");
        await RejectAsync(Zhao, id, "wait");

        await using var db = await platform.Contexts.CreateDbContextAsync();
        var lines = await db.AuditEntries.Where(a => a.Subject == $"deployment/{id}").OrderBy(a => a.Id).Select(a => a.Actor + " " + a.Action).ToListAsync();
        Assert.Equal(["lin deployment.request", "wang deployment.approve", "zhao deployment.reject"], lines);
        var rejected = await db.AuditEntries.SingleAsync(a => a.Subject == $"deployment/{id}" && a.Action == "deployment.reject");
        Assert.Equal([new AuditChange("comment", null, "wait"), new AuditChange("decision", null, "rejected")], rejected.Changes!.OrderBy(c => c.Field, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Interface_answers_as_the_contract_says()
    {
        var project = await ProjectAsync();
        using var asker = platform.WithToken(await platform.TokenAsync("api-lin", Role.Maintainer));
        using var other = platform.WithToken(await platform.TokenAsync("api-wang", Role.Maintainer));
        using var asked = await asker.PostAsJsonAsync($"/api/v1/projects/{project.Key}/deployments", new { environment = "dev" });
        Assert.Equal(HttpStatusCode.Accepted, asked.StatusCode);
        var id = (await asked.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt64();

        Assert.Equal(HttpStatusCode.Forbidden, (await asker.PostAsJsonAsync($"/api/v1/deployments/{id}/approve", new { comment = "me" })).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await other.PostAsJsonAsync($"/api/v1/deployments/{id}/approve", new { comment = "ok" })).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await other.PostAsJsonAsync($"/api/v1/deployments/{id}/reject", new { comment = "no" })).StatusCode);
        var approval = Assert.Single((await asker.GetFromJsonAsync<JsonElement>($"/api/v1/deployments/{id}")).GetProperty("approvals").EnumerateArray());
        Assert.Equal(("api-wang", "approved", "ok"), (approval.GetProperty("by").GetString(), approval.GetProperty("decision").GetString(), approval.GetProperty("comment").GetString()));
    }

    private static async Task<bool> TryAsync(Func<Task> action)
    {
        try
        {
            await action();
            return true;
        }
        catch (Conflict)
        {
            return false;
        }
    }

    private async Task<TestProject> ProjectAsync(int required = 1, Role role = Role.Maintainer, int expireSeconds = 3600)
    {
        var project = await platform.ProjectAsync();
        await platform.ChangeAsync(project, e => e.Approvals = new ApprovalRule { Required = required, Role = role, ExpireSeconds = expireSeconds });
        return project;
    }

    private async Task<(DeploymentStatus Status, string? WaitingFor)> StateAsync(long id)
    {
        var detail = await platform.ReadAsync(id);
        return (detail.Status, detail.WaitingFor?.ToString());
    }

    private async Task<int> JobsAsync(long id, string kind)
    {
        await using var db = await platform.Contexts.CreateDbContextAsync();
        return (await db.Jobs.Where(j => j.Kind == kind).Select(j => j.Payload).ToListAsync()).Count(p => JsonDocument.Parse(p).RootElement.GetProperty("deploymentId").GetInt64() == id);
    }

    private Task<DeploymentTicket> ApproveAsync(Actor actor, long id, string? comment = null) => platform.Services.GetRequiredService<ApproveDeployment>().RunAsync(actor, id, comment, CancellationToken.None);

    private Task<DeploymentTicket> RejectAsync(Actor actor, long id, string? comment = null) => platform.Services.GetRequiredService<RejectDeployment>().RunAsync(actor, id, comment, CancellationToken.None);

    private Task<DeploymentTicket> CancelAsync(long id) => platform.Services.GetRequiredService<CancelDeployment>().RunAsync(Actor.Platform, id, CancellationToken.None);
}
