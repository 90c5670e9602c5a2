using DevOps.Core.Access;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Access;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace DevOps.Tests.Blazor.Access;

[Collection(BrowserCollection.Name)]
public sealed class MemberTests(BrowserFixture browser)
{
    [Fact]
    public async Task Administrator_gives_a_role_in_a_project_on_its_page()
    {
        await MakeProjectAsync("crew");
        await browser.MakeUserAsync("uli", Role.None);
        await using var tab = await browser.OpenAsync("/projects/crew/members", look: new BrowserFixture.Look(Width: 390, Height: 844));
        await tab.Page.GetByLabel("Person").SelectOptionAsync("uli");
        await tab.PressAsync("Give role");
        var row = tab.Page.Locator("tr", new PageLocatorOptions { HasText = "uli" });
        await row.WaitForAsync();
        Assert.Equal(Role.Deployer, await RoleAsync("crew", "uli"));
        await row.GetByRole(AriaRole.Combobox).SelectOptionAsync("Maintainer");
        await tab.SeeAsync("The role of uli is saved");
        await row.Locator(".tag", new LocatorLocatorOptions { HasText = "Maintainer" }).WaitForAsync();
        Assert.Equal(Role.Maintainer, await RoleAsync("crew", "uli"));
        Assert.Equal(0, await tab.OverhangAsync());
        await row.GetByRole(AriaRole.Combobox).SelectOptionAsync("None");
        await Assertions.Expect(row).ToHaveCountAsync(0, new LocatorAssertionsToHaveCountOptions { Timeout = BrowserFixture.LimitMs });
        Assert.Equal(Role.None, await RoleAsync("crew", "uli"));
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Maintainer_sees_members_and_changes_none_and_a_viewer_sees_no_tab()
    {
        await MakeProjectAsync("team");
        await using var tab = await browser.OpenAsync("/projects/team/members", Role.Maintainer);
        await tab.SeeAsync("Roles are given by administrators");
        Assert.Equal(0, await tab.Page.Locator("main table select").CountAsync());

        await using var viewer = await browser.OpenAsync("/projects/team", Role.Viewer);
        Assert.Equal(0, await viewer.Page.Locator("a[href='/projects/team/members']").CountAsync());
        var actor = new Actor("viewer", Role.Viewer, new Dictionary<long, Role>());
        await Assert.ThrowsAsync<Forbidden>(() => browser.Services.GetRequiredService<MemberQueries>().ListAsync(actor, "team", CancellationToken.None));
        var maintainer = actor with { Role = Role.Maintainer };
        await Assert.ThrowsAsync<Forbidden>(() => browser.Services.GetRequiredService<ChangeMember>().RunAsync(maintainer, "team", "viewer", Role.Admin, CancellationToken.None));
        Assert.Empty(tab.Troubles);
    }

    private async Task MakeProjectAsync(string key)
    {
        await using var db = await browser.Contexts.CreateDbContextAsync();
        db.Projects.Add(new Project
        {
            Key = key,
            Name = key,
            Repository = new RepositorySpec { Url = $"https://git.example/{key}.git" },
            Build = new BuildSpec { Image = "node:22", Script = ["true"], Artifacts = ["**"] },
            Deploy = new DeploySpec { Path = $"/srv/{key}" },
        });
        await db.SaveChangesAsync();
    }

    private async Task<Role> RoleAsync(string project, string user)
    {
        await using var db = await browser.Contexts.CreateDbContextAsync();
        return await db.ProjectMembers
            .Where(m => db.Projects.Any(p => p.Id == m.ProjectId && p.Key == project) && db.Users.Any(a => a.Id == m.AccountId && a.UserName == user))
            .Select(m => m.Role).SingleOrDefaultAsync();
    }
}
