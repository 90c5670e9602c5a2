using DevOps.Core.Access;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Servers;
using DevOps.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace DevOps.Tests.Fixtures;

/// <summary>The application with servers, git and artifacts in memory, looked at with a real browser.</summary>
public class BrowserFixture : ApiFixture
{
    /// <summary>Time limit of every wait in the browser; generous, because machines are shared.</summary>
    public const int LimitMs = 60_000;

    public FakeRemoteHosts Hosts { get; } = new();

    public FakeSourceRepository Source { get; } = new();

    public FakeArtifactStore Artifacts { get; } = new();

    /// <summary>Lets a host answer a scan with one key.</summary>
    public ScannedHostKey ShowKey(string host, char mark = 'A')
    {
        var key = new ScannedHostKey("ssh-ed25519", $"ssh-ed25519 AAAA{mark}", "SHA256:" + new string(mark, 43));
        Hosts.Keys[host] = [key];
        return key;
    }

    /// <summary>Opens a tab of its own, signed in as a user with the role, and goes to an address.</summary>
    public async Task<BrowserTab> OpenAsync(string path, Role role = Role.Admin, Look? look = null)
    {
        look ??= new Look();
        await TokenAsync(role);
        var browser = await Chromium.GetAsync();
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = Address,
            Locale = look.Locale,
            ColorScheme = look.Dark ? ColorScheme.Dark : ColorScheme.Light,
            ViewportSize = new ViewportSize { Width = look.Width, Height = look.Height },
        });
        context.SetDefaultTimeout(LimitMs);
        var tab = new BrowserTab(context, await context.NewPageAsync());
        await tab.SignInAsync(DevOps.Infrastructure.Persistence.Json.Word(role), Password, path);
        return tab;
    }

    protected override void Replace(IServiceCollection services)
    {
        services.AddSingleton<IRemoteHosts>(Hosts);
        services.AddSingleton<ISourceRepository>(Source);
        services.AddSingleton<IArtifactStore>(Artifacts);
    }

    /// <summary>How the browser is set.</summary>
    public sealed record Look(string Locale = "en-US", bool Dark = false, int Width = 1440, int Height = 900);
}

/// <summary>Tests of pages share one application and take turns: pages of one need the processor of the other.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserCollection : ICollectionFixture<BrowserFixture>
{
    public const string Name = "Browser";
}
