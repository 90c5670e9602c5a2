using System.Net;
using DevOps.Core.Access;
using DevOps.Core.Audit;
using DevOps.Infrastructure.Access;
using DevOps.Tests.Fakes;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Blazor.Access;

public sealed class ForgeTests(ForgeTests.App api) : IClassFixture<ForgeTests.App>
{
    private const string Denied = "/login?refused=";

    [Theory]
    [InlineData("github")]
    [InlineData("gitlab")]
    [InlineData("gitea")]
    [InlineData("gitee")]
    public async Task Person_of_a_known_organisation_gets_an_account_with_its_role(string forge)
    {
        api.Forge.Who = new(1000, $"{forge}-Ann", [.. Enumerable.Range(0, 60).Select(i => $"other{i}"), "builders"], "Ann Example", "admin@example.org");
        using var browser = api.Browser();
        Assert.Equal("/account", await ComeInAsync(browser, forge, "/account"));
        Assert.Contains($"{forge}-ann", await browser.GetStringAsync(new Uri("/account", UriKind.Relative)), StringComparison.Ordinal);
        var account = await AccountAsync($"{forge}-ann");
        Assert.Equal((Role.Maintainer, forge, "Ann Example", (string?)null, (string?)null), (account.Role, account.RoleFrom, account.DisplayName, account.PasswordHash, account.Email));
    }

    [Fact]
    public async Task Same_person_with_another_login_name_finds_the_same_account()
    {
        api.Forge.Who = new(2000, "bea", ["builders"]);
        using var first = api.Browser();
        await ComeInAsync(first, "github");
        api.Forge.Who = new(2000, "bea-renamed", ["builders"]);
        using var second = api.Browser();
        Assert.Equal("/", await ComeInAsync(second, "github"));
        api.Forge.Who = new(2001, "bea", ["builders"]);
        using var stranger = api.Browser();
        await ComeInAsync(stranger, "github");
        await using var db = await api.Contexts.CreateDbContextAsync();
        Assert.Equal(["bea", "bea-2"], await db.Users.Where(a => a.UserName!.StartsWith("bea")).OrderBy(a => a.UserName).Select(a => a.UserName!).ToListAsync());
        Assert.Equal("bea-renamed", (await db.UserLogins.SingleAsync(l => l.ProviderKey == "2000")).ProviderDisplayName);
    }

    [Fact]
    public async Task Mail_address_and_name_of_somebody_here_open_nothing()
    {
        await api.Services.GetRequiredService<CreateUser>().RunAsync(
            Actor.Platform, new UserDraft { Username = "chief", Email = "chief@example.org", Role = Role.Admin, Password = ApiFixture.Password }, CancellationToken.None);
        api.Forge.Who = new(3000, "chief", ["builders"], "Chief", "chief@example.org");
        using var browser = api.Browser();
        await ComeInAsync(browser, "gitlab");
        Assert.Equal(Role.Maintainer, (await AccountAsync("chief-2")).Role);
        await using var db = await api.Contexts.CreateDbContextAsync();
        Assert.False(await db.UserLogins.AnyAsync(l => db.Users.Any(a => a.Id == l.UserId && a.UserName == "chief")));
    }

    [Fact]
    public async Task Role_falls_at_the_next_sign_in_when_the_organisation_is_gone()
    {
        api.Forge.Who = new(4000, "dee", ["builders", "guests"]);
        using var browser = api.Browser();
        await ComeInAsync(browser, "gitea");
        api.Forge.Who = new(4000, "dee", ["guests"]);
        using var again = api.Browser();
        Assert.Equal("/", await ComeInAsync(again, "gitea"));
        Assert.Equal(Role.Viewer, (await AccountAsync("dee")).Role);

        api.Forge.Who = new(4000, "dee", []);
        using var last = api.Browser();
        Assert.Equal(Denied + "noRole", await ComeInAsync(last, "gitea"));
        Assert.Equal(Role.None, (await AccountAsync("dee")).Role);
        using var ended = await again.GetAsync(new Uri("/account", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Redirect, ended.StatusCode);
    }

    [Fact]
    public async Task Person_without_a_mapped_or_an_allowed_organisation_gets_no_account()
    {
        api.Forge.Who = new(5000, "eli", ["strangers"]);
        using var browser = api.Browser();
        Assert.Equal(Denied + "noRole", await ComeInAsync(browser, "github"));
        Assert.Equal(Denied + "notAllowed", await ComeInAsync(browser, "gitee"));
        await using var db = await api.Contexts.CreateDbContextAsync();
        Assert.False(await db.Users.AnyAsync(a => a.UserName == "eli"));
        Assert.Equal(2, await db.AuditEntries.CountAsync(a => a.Action == "session.refuse" && a.Summary.Contains("as eli")));
        Assert.Contains("No organisation of yours", WebUtility.HtmlDecode(await browser.GetStringAsync(new Uri(Denied + "noRole", UriKind.Relative))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disabled_account_stays_out()
    {
        api.Forge.Who = new(6000, "fin", ["builders"]);
        using var browser = api.Browser();
        await ComeInAsync(browser, "github");
        await api.Services.GetRequiredService<ChangeUser>().RunAsync(Actor.Platform, new UserDraft { Username = "fin", Role = Role.Maintainer, Disabled = true }, null, CancellationToken.None);
        using var again = api.Browser();
        Assert.Equal(Denied + "disabled", await ComeInAsync(again, "github"));
    }

    [Fact]
    public async Task Denied_consent_leads_back_and_leaves_a_line()
    {
        api.Forge.Denies = true;
        using var browser = api.Browser();
        Assert.Equal(Denied + "denied", await ComeInAsync(browser, "gitlab"));
        api.Forge.Denies = false;
        await using var db = await api.Contexts.CreateDbContextAsync();
        Assert.True(await db.AuditEntries.AnyAsync(a => a.Action == "session.refuse" && a.Summary.Contains("gitlab: the person or the forge said no")));
    }

    [Fact]
    public async Task Answer_that_was_begun_elsewhere_is_refused()
    {
        api.Forge.Who = new(7000, "gus", ["builders"]);
        using var attacker = api.Browser();
        var callback = await CallbackAsync(attacker, "github", "/");
        using var victim = api.Browser();
        Assert.Equal(Denied + "failed", await GoAsync(victim, callback));
        Assert.Equal(Denied + "failed", await GoAsync(attacker, new Uri(callback.ToString().Replace("state=", "state=x", StringComparison.Ordinal))));
        await using var db = await api.Contexts.CreateDbContextAsync();
        Assert.False(await db.Users.AnyAsync(a => a.UserName == "gus"));
    }

    [Fact]
    public async Task Silent_forge_is_given_up_after_the_time_limit()
    {
        api.Forge.Hangs = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var browser = api.Browser();
        Assert.Equal(Denied + "away", await ComeInAsync(browser, "gitea"));
        api.Forge.Hangs.SetResult();
        api.Forge.Hangs = null;
    }

    [Fact]
    public async Task Account_is_linked_by_its_own_page_and_unlinked_again()
    {
        await api.MakeUserAsync("hana", Role.Deployer);
        using var browser = await SignInAsync("hana");
        api.Forge.Who = new(8000, "hana-at-forge", []);
        Assert.Equal("/account?done=linked", await LinkAsync(browser, "github"));
        using var other = api.Browser();
        Assert.Equal("/", await ComeInAsync(other, "github"));
        Assert.Equal(Role.Deployer, (await AccountAsync("hana")).Role);

        await api.MakeUserAsync("ida", Role.Viewer);
        using var ida = await SignInAsync("ida");
        Assert.Equal("/account?done=linkedElsewhere", await LinkAsync(ida, "github"));

        using var unlinked = await browser.PostFormAsync("/account", "unlink-github");
        Assert.Equal(HttpStatusCode.OK, unlinked.StatusCode);
        await using var db = await api.Contexts.CreateDbContextAsync();
        Assert.False(await db.UserLogins.AnyAsync(l => l.ProviderKey == "8000"));
        Assert.Equal(["user.link", "user.unlink"], await db.AuditEntries.Where(a => a.Actor == "hana" && a.Action.EndsWith("link")).OrderBy(a => a.Id).Select(a => a.Action).ToListAsync());
    }

    [Fact]
    public async Task Link_that_another_account_began_ties_nothing()
    {
        await api.MakeUserAsync("jim", Role.Viewer);
        await api.MakeUserAsync("kate", Role.Viewer);
        using var jim = await SignInAsync("jim");
        using var kate = await SignInAsync("kate");
        api.Forge.Who = new(9000, "jim-at-forge", []);
        var ticket = await TicketAsync(jim, "github");
        Assert.Equal(Denied + "failed", await GoAsync(kate, await CallbackAsync(kate, ticket)));
        using var forged = await kate.GetAsync(new Uri("/login/with/github?ticket=forged", UriKind.Relative));
        Assert.Equal("/account", forged.Headers.Location!.ToString());
        await using var db = await api.Contexts.CreateDbContextAsync();
        Assert.False(await db.UserLogins.AnyAsync(l => l.ProviderKey == "9000"));
    }

    [Fact]
    public async Task Second_factor_is_asked_for_after_the_forge_too()
    {
        await api.MakeUserAsync("lea", Role.Viewer);
        var app = await Authenticator.TurnOnAsync(api, "lea");
        api.Forge.Who = new(9500, "lea-at-forge", []);
        Assert.Equal("/account?done=linked", await LinkAsync(app.Browser, "gitea"));
        using var browser = api.Browser();
        Assert.StartsWith("/login/code", await ComeInAsync(browser, "gitea"), StringComparison.Ordinal);
        using var closed = await browser.GetAsync(new Uri("/account", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Redirect, closed.StatusCode);
        using var right = await browser.PostFormAsync("/login/code", "code", ("Form.Code", app.Code));
        Assert.Equal(HttpStatusCode.Redirect, right.StatusCode);
    }

    [Fact]
    public async Task Role_that_a_forge_gives_cannot_be_kept_by_unlinking()
    {
        api.Forge.Who = new(9700, "moe", ["builders"]);
        using var browser = api.Browser();
        await ComeInAsync(browser, "github");
        using var answer = await browser.PostFormAsync("/account", "unlink-github");
        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
    }

    [Fact]
    public async Task Role_that_an_administrator_detached_stays_when_the_forge_gives_another()
    {
        api.Forge.Who = new(9800, "ned", ["builders"]);
        using var browser = api.Browser();
        await ComeInAsync(browser, "gitlab");
        using var admin = await api.AsAsync(Role.Admin);
        using (var detached = await admin.DeleteAsync(new Uri("/api/v1/users/ned/forge-role", UriKind.Relative)))
        {
            Assert.Equal(HttpStatusCode.NoContent, detached.StatusCode);
        }

        api.Forge.Who = new(9800, "ned", ["guests"]);
        using var again = api.Browser();
        Assert.Equal("/", await ComeInAsync(again, "gitlab"));

        var account = await AccountAsync("ned");
        Assert.Equal((Role.Maintainer, (string?)null), (account.Role, account.RoleFrom));
        await using var db = await api.Contexts.CreateDbContextAsync();
        var line = await db.AuditEntries.SingleAsync(a => a.Action == "user.detachRole" && a.Subject == "user/ned");
        Assert.Equal([new AuditChange("roleFrom", "gitlab", null)], line.Changes!);
    }

    [Fact]
    public async Task Account_without_a_password_is_not_asked_for_the_old_one()
    {
        api.Forge.Who = new(9900, "ola", ["builders"]);
        using var browser = api.Browser();
        await ComeInAsync(browser, "github", "/account");

        var page = await browser.GetStringAsync(new Uri("/account", UriKind.Relative));

        Assert.Contains("This account has no password", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Change password", page, StringComparison.Ordinal);
        using var person = await SignInAsync("admin");
        Assert.Contains("Change password", await person.GetStringAsync(new Uri("/account", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_offers_the_forges_that_are_configured()
    {
        using var browser = api.Browser();
        var page = await browser.GetStringAsync(new Uri("/login?returnUrl=%2Fprojects", UriKind.Relative));
        foreach (var forge in new[] { "github", "gitlab", "gitea", "gitee" })
        {
            Assert.Contains($"/login/with/{forge}?returnUrl=%2Fprojects", page, StringComparison.Ordinal);
        }

        using var unknown = await browser.GetAsync(new Uri("/login/with/nowhere", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    private static Task<string> ComeInAsync(HttpClient browser, string forge, string url = "/") => CallbackThenAsync(browser, $"/login/with/{forge}?returnUrl={Uri.EscapeDataString(url)}");

    private static async Task<string> LinkAsync(HttpClient browser, string forge) => await CallbackThenAsync(browser, await TicketAsync(browser, forge));

    private static async Task<string> CallbackThenAsync(HttpClient browser, string start) => await GoAsync(browser, await CallbackAsync(browser, start));

    private static Task<Uri> CallbackAsync(HttpClient browser, string forge, string url) => CallbackAsync(browser, $"/login/with/{forge}?returnUrl={Uri.EscapeDataString(url)}");

    // From the platform to the forge, which asks nothing more and sends the browser back.
    private static async Task<Uri> CallbackAsync(HttpClient browser, string start)
    {
        using var sent = await browser.GetAsync(new Uri(start, UriKind.Relative));
        using var there = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var back = await there.GetAsync(sent.Headers.Location!);
        Assert.Equal(HttpStatusCode.Redirect, back.StatusCode);
        return back.Headers.Location!;
    }

    private static async Task<string> GoAsync(HttpClient browser, Uri callback)
    {
        using var answer = await browser.GetAsync(callback);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return answer.Headers.Location!.ToString();
    }

    private static async Task<string> TicketAsync(HttpClient browser, string forge)
    {
        var page = WebUtility.HtmlDecode(await browser.GetStringAsync(new Uri("/account", UriKind.Relative)));
        var start = page.IndexOf($"/login/with/{forge}?ticket=", StringComparison.Ordinal);
        return page[start..page.IndexOf('"', start)];
    }

    private async Task<HttpClient> SignInAsync(string user)
    {
        var browser = api.Browser();
        using var answer = await browser.PostFormAsync("/login", "sign-in", ("Form.Username", user), ("Form.Password", ApiFixture.Password));
        return browser;
    }

    private async Task<Account> AccountAsync(string user)
    {
        await using var db = await api.Contexts.CreateDbContextAsync();
        return await db.Users.AsNoTracking().SingleAsync(a => a.UserName == user);
    }

    /// <summary>The application with all four forges configured, on one fake.</summary>
    public sealed class App : ApiFixture
    {
        internal FakeForge Forge { get; } = FakeForge.StartAsync().GetAwaiter().GetResult();

        protected override IReadOnlyDictionary<string, string> Settings
        {
            get
            {
                var settings = new Dictionary<string, string>(StringComparer.Ordinal);
                foreach (var forge in new[] { "github", "gitlab", "gitea", "gitee" })
                {
                    var at = $"Access:OAuth:{forge}:";
                    settings[at + "ClientId"] = FakeForge.ClientId;
                    settings[at + "ClientSecret"] = FakeForge.ClientSecret;
                    settings[at + "BaseUrl"] = $"{Forge.Url}/{forge}";
                    settings[at + "TimeoutSeconds"] = forge is "gitea" ? "3" : "30";
                    settings[at + "RoleMap:builders"] = "maintainer";
                    settings[at + "RoleMap:guests"] = "viewer";
                }

                settings["Access:OAuth:gitee:AllowedOrganisations:0"] = "Builders";
                return settings;
            }
        }

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            Forge.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }
}
