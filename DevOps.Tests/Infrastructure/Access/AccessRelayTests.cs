using System.Security.Claims;
using DevOps.Core.Access;
using DevOps.Infrastructure;
using DevOps.Infrastructure.Access;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Secrets;
using DevOps.Tests.Fakes;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace DevOps.Tests.Infrastructure.Access;

/// <summary>Two processes on one database: what one changes of an account counts in the other at once, on a clock that stands still.</summary>
public sealed class AccessRelayTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Account_changed_in_one_process_is_looked_at_anew_in_the_other()
    {
        await using var here = await StartAsync();
        await using var there = await StartAsync();
        var principal = await MakeAsync(here, "amy");
        var reader = there.GetRequiredService<ActorReader>();
        Assert.NotNull(await reader.ReadAsync(principal, CancellationToken.None));
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = reader.Changes.Subscribe(change =>
        {
            if (change is { Here: false, Account: not null })
            {
                heard.TrySetResult();
            }
        });

        await here.GetRequiredService<ChangeUser>().RunAsync(Actor.Platform, new UserDraft { Username = "amy", Role = Role.Viewer, Disabled = true }, null, CancellationToken.None);
        await heard.Task.WaitAsync(Limit);
        Assert.Null(await reader.ReadAsync(principal, CancellationToken.None));
    }

    [Fact]
    public async Task Session_younger_than_what_is_remembered_is_let_in()
    {
        await using var here = await StartAsync();
        await using var there = await StartAsync();
        var principal = await MakeAsync(here, "bob");
        var reader = there.GetRequiredService<ActorReader>();
        Assert.NotNull(await reader.ReadAsync(principal, CancellationToken.None));
        await here.GetRequiredService<StartSession>().RunAsync(principal, null, "192.0.2.1", "test", CancellationToken.None);
        var actor = await reader.ReadAsync(principal, CancellationToken.None);
        Assert.Equal(principal.FindFirstValue(AccountClaims.Session), actor?.Session.ToString());
    }

    private async Task<ClaimsPrincipal> MakeAsync(ServiceProvider process, string name)
    {
        await process.GetRequiredService<CreateUser>().RunAsync(
            Actor.Platform, new UserDraft { Username = name, Role = Role.Viewer, Password = "correct horse battery" }, CancellationToken.None);
        await using var db = await postgres.Contexts.CreateDbContextAsync();
        return AccountClaims.Principal(await db.Users.SingleAsync(a => a.UserName == name), "test");
    }

    // The clock of what is remembered stands still; the line to the database runs on the real one.
    private async Task<ServiceProvider> StartAsync()
    {
        var process = new ServiceCollection()
            .AddLogging()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
            .AddSingleton<TimeProvider>(new ManualTime())
            .AddSingleton(postgres.Contexts)
            .AddSingleton(postgres.DataSource)
            .AddSingleton(new PlatformOptions { MasterKey = Convert.ToBase64String(new byte[32]) })
            .AddSingleton(provider => ActivatorUtilities.CreateInstance<DatabaseSignals>(provider, TimeProvider.System))
            .AddSingleton<DevOps.Core.Events.ChangeFeed>()
            .AddSingleton<AuditTrail>()
            .AddSecrets()
            .AddAccess()
            .BuildServiceProvider();
        var signals = process.GetRequiredService<DatabaseSignals>();
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var opened = signals.On("account", word => _ = word is null && open.TrySetResult());
        await process.GetServices<IHostedService>().OfType<AccessRelay>().Single().StartAsync(CancellationToken.None);
        await signals.StartAsync(CancellationToken.None);
        await open.Task.WaitAsync(Limit);
        return process;
    }
}
