using System.Security.Claims;
using DevOps.Blazor.Access;
using DevOps.Core.Access;
using DevOps.Infrastructure.Access;
using DevOps.Tests.Fixtures;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace DevOps.Tests.Blazor.Access;

/// <summary>What an open page knows of who sits before it.</summary>
public sealed class OpenPageTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task Pages_look_again_whether_who_opened_them_may_stay()
    {
        await using var scope = api.Services.CreateAsyncScope();
        Assert.IsType<RevalidatingSignIn>(scope.ServiceProvider.GetRequiredService<AuthenticationStateProvider>());
        Assert.True(new Probe(Actors, Uses).Interval <= TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Disabled_account_is_no_longer_valid_in_an_open_page()
    {
        var principal = await PrincipalAsync("amy");
        var probe = new Probe(Actors, Uses);
        Assert.True(await probe.IsValidAsync(principal));
        await ChangeAsync("amy", disabled: true);
        Assert.False(await probe.IsValidAsync(principal));
    }

    [Fact]
    public async Task Actor_of_an_open_page_follows_the_account()
    {
        var principal = await PrincipalAsync("ben");
        AccountClaims.SetAddress(principal, "192.0.2.9");
        var circuit = new CircuitActor(new Fixed(principal), Actors);
        var actor = await circuit.GetAsync();
        Assert.Equal(("ben", Role.Viewer, "192.0.2.9"), (actor.Name, actor.Role, actor.Address));
        await api.Services.GetRequiredService<ChangeUser>()
            .RunAsync(Actor.Platform, new UserDraft { Username = "ben", Role = Role.Deployer }, null, CancellationToken.None);
        Assert.Equal(Role.Deployer, (await circuit.GetAsync()).Role);
        await ChangeAsync("ben", disabled: true);
        await Assert.ThrowsAsync<SignedOut>(circuit.GetAsync);
    }

    [Fact]
    public async Task Nobody_is_no_actor()
    {
        var circuit = new CircuitActor(new Fixed(new ClaimsPrincipal(new ClaimsIdentity())), Actors);
        Assert.Null(await circuit.FindAsync());
        await Assert.ThrowsAsync<SignedOut>(circuit.GetAsync);
    }

    private LastUses Uses => api.Services.GetRequiredService<LastUses>();

    private ActorReader Actors => api.Services.GetRequiredService<ActorReader>();

    private async Task<ClaimsPrincipal> PrincipalAsync(string user)
    {
        await api.MakeUserAsync(user, Role.Viewer);
        await using var db = await api.Contexts.CreateDbContextAsync();
        return AccountClaims.Principal(await db.Users.SingleAsync(a => a.UserName == user), "test");
    }

    private Task ChangeAsync(string user, bool disabled) => api.Services.GetRequiredService<ChangeUser>()
        .RunAsync(Actor.Platform, new UserDraft { Username = user, Role = Role.Viewer, Disabled = disabled }, null, CancellationToken.None);

    private sealed class Fixed(ClaimsPrincipal principal) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() => Task.FromResult(new AuthenticationState(principal));
    }

    private sealed class Probe(ActorReader actors, LastUses uses) : RevalidatingSignIn(NullLoggerFactory.Instance, actors, uses, new OpenCircuit())
    {
        public TimeSpan Interval => RevalidationInterval;

        public Task<bool> IsValidAsync(ClaimsPrincipal principal) =>
            ValidateAuthenticationStateAsync(new AuthenticationState(principal), CancellationToken.None);
    }
}
