using DevOps.Core.Access;
using DevOps.Core.Credentials;
using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Core.Projects;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Deployments;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace DevOps.Tests.Blazor.Deployments;

/// <summary>The inbox and the bar on the deployment's page. No worker runs here: what is approved stays in the queue.</summary>
[Collection(BrowserCollection.Name)]
public sealed class ApprovalPagesTests(BrowserFixture browser)
{
    private static readonly Actor Lin = Rooms.Platform("lin", Role.Deployer);

    [Fact]
    public async Task Person_approves_on_a_phone_with_a_comment_and_the_inbox_empties_by_itself()
    {
        var id = await PendingAsync("inbox");
        await using var tab = await browser.OpenAsync("/approvals", look: new BrowserFixture.Look(Width: 390, Height: 844));
        var card = tab.Page.Locator("section.approval", new PageLocatorOptions { HasText = "inbox" });
        await card.Locator("text=Pay with card").WaitForAsync();
        Assert.Equal(0, await tab.OverhangAsync());

        await card.GetByLabel("Comment").FillAsync("looks good");
        await card.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Approve" }).ClickAsync();
        await card.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });

        await using var db = await browser.Contexts.CreateDbContextAsync();
        Assert.Equal(DeploymentStatus.Queued, (await db.Deployments.SingleAsync(d => d.Id == id)).Status);
        Assert.Equal(("admin", "looks good"), await db.Approvals.Where(a => a.DeploymentId == id).Select(a => new ValueTuple<string, string>(a.By, a.Comment)).SingleAsync());
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Page_of_the_deployment_shows_who_decided_and_rejects_after_a_question()
    {
        var id = await PendingAsync("bar");
        await using var tab = await browser.OpenAsync($"/deployments/{id}");
        await tab.SeeAsync("Needs 1 × yes");

        await tab.Page.Locator("main").GetByLabel("Comment").FillAsync("not today");
        await tab.PressAsync("Reject");
        await tab.SeeAsync($"Reject deployment #{id}?");
        await tab.Page.Locator(".rz-dialog").GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Reject" }).ClickAsync();

        await tab.SeeAsync("admin rejected");
        await tab.SeeAsync("Rejected by admin: not today");
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Environment_form_keeps_approvals_freezes_and_the_lock()
    {
        await PendingAsync("forms");
        await using var tab = await browser.OpenAsync("/projects/forms/environments/production");
        await tab.FillAsync("Approvals", "2");
        await tab.PressAsync("Add hours");
        await tab.Page.GetByLabel("Time zone").FillAsync("Asia/Shanghai");
        await tab.Page.GetByLabel("Why deployments are stopped").FillAsync("fair");
        await tab.PressAsync("Lock deployments");
        await tab.SeeAsync("Locked by admin");
        Assert.Equal(0, await tab.OverhangAsync());
        await tab.PressAsync("Save");
        await tab.ArriveAsync("/projects/forms/environments");

        await using var db = await browser.Contexts.CreateDbContextAsync();
        var project = await db.Projects.SingleAsync(p => p.Key == "forms");
        var environment = await db.Environments.SingleAsync(e => e.ProjectId == project.Id && e.Name == "production");
        Assert.Equal((2, "admin", "fair"), (environment.Approvals.Required, environment.LockedBy, environment.LockReason));
        Assert.Equal(new WeeklyFreeze { Day = DayOfWeek.Friday, From = "17:00", To = "24:00", TimeZone = "Asia/Shanghai" }, Assert.Single(environment.FreezeWeekly));
        Assert.Empty(tab.Troubles);
    }

    private async Task<long> PendingAsync(string key)
    {
        browser.Source.Commit("main", new Dictionary<string, string>(StringComparer.Ordinal), "Pay with card");
        await using (var db = await browser.Contexts.CreateDbContextAsync())
        {
            var credential = new Credential { Name = $"key-{key}", Kind = CredentialKind.Password, Ciphertext = [1] };
            var project = new Project { Key = key, Name = key, Repository = new RepositorySpec { Url = "https://git.example/shop" }, Build = new BuildSpec(), Deploy = new DeploySpec { Path = "/srv/" + key } };
            db.AddRange(credential, project);
            await db.SaveChangesAsync();
            db.Servers.Add(new Server { Name = $"{key}-1", Host = "127.0.0.1", User = "deploy", CredentialId = credential.Id, HostKey = "ssh-ed25519 AAAA", HostKeyFingerprint = "SHA256:x" });
            db.Environments.Add(new DeploymentEnvironment { ProjectId = project.Id, Name = "production", Position = 1, Servers = [$"{key}-1"], Approvals = new ApprovalRule { Required = 1 } });
            await db.SaveChangesAsync();
        }

        var ticket = await browser.Services.GetRequiredService<RequestDeployment>().RunAsync(
            Lin, key, new DeploymentRequest { Environment = "production", Note = "For the fair" }, Trigger.Manual, CancellationToken.None);
        return ticket.Id;
    }
}
