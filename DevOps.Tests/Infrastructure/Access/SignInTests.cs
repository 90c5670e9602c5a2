using System.Security.Claims;
using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Infrastructure.Access;
using DevOps.Infrastructure.Audit;
using DevOps.Tests.Fakes;
using DevOps.Tests.Fixtures;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DevOps.Tests.Infrastructure.Access;

public sealed class SignInTests : IClassFixture<PostgresFixture>
{
    private const string Password = "correct horse battery";
    private readonly PostgresFixture _postgres;
    private readonly ManualTime _time = new();
    private readonly CountingHasher _hasher = new();
    private readonly AccessOptions _options = new();
    private readonly SignIn _signIn;
    private readonly CreateUser _create;
    private readonly ActorReader _actors;

    public SignInTests(PostgresFixture postgres)
    {
        _postgres = postgres;
        var audit = new AuditTrail(_time);
        var names = new UpperInvariantLookupNormalizer();
        var options = Options.Create(_options);
        _signIn = new SignIn(postgres.Contexts, _hasher, names, new SignInThrottle(options, _time), options, audit, _time);
        _create = new CreateUser(postgres.Contexts, _hasher, names, audit, new ChangeFeed(), _time);
        _actors = new ActorReader(postgres.Contexts, new TwoFactorDuty(postgres.Contexts, _time), new ChangeFeed(), _time);
    }

    [Fact]
    public async Task Lock_ends_by_itself_and_counts_from_the_beginning()
    {
        await MakeAsync("anna");
        await FailAsync("anna", 5);
        Assert.NotNull((await TryAsync("anna", Password)).LockedUntil);
        _time.Advance(_options.Lock + TimeSpan.FromSeconds(1));
        Assert.Null((await TryAsync("anna", "wrong")).LockedUntil);
        Assert.NotNull((await TryAsync("anna", Password)).Account);
    }

    [Fact]
    public async Task Attempt_on_a_locked_account_looks_at_no_password()
    {
        await MakeAsync("bert");
        await FailAsync("bert", 5);
        var before = _hasher.Checks;
        Assert.NotNull((await TryAsync("bert", Password)).LockedUntil);
        Assert.Equal(before, _hasher.Checks);
    }

    [Fact]
    public async Task Hundred_attempts_at_once_look_at_five_passwords()
    {
        await MakeAsync("carl");
        _options.FailuresPerAddress = 1000;
        var before = _hasher.Checks;
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => TryAsync("carl", $"guess {i}")));
        Assert.Equal(5, _hasher.Checks - before);
    }

    [Fact]
    public async Task Unknown_name_costs_a_hash_too()
    {
        await TryAsync("nobody", "wrong");
        var before = _hasher.Checks;
        Assert.Null((await TryAsync("nobody", "wrong")).Account);
        Assert.Equal(1, _hasher.Checks - before);
    }

    [Fact]
    public async Task Disabled_account_costs_a_hash_too_and_is_refused()
    {
        await MakeAsync("dirk", disabled: true);
        var before = _hasher.Checks;
        Assert.Equal(new SignInAnswer(null, null), await TryAsync("dirk", Password));
        Assert.Equal(1, _hasher.Checks - before);
    }

    [Fact]
    public async Task Address_that_fails_with_many_names_has_to_wait_and_others_do_not()
    {
        await MakeAsync("emil");
        for (var i = 0; i < _options.FailuresPerAddress; i++)
        {
            await TryAsync($"guess{i}", "wrong");
        }

        Assert.NotNull((await TryAsync("emil", Password)).LockedUntil);
        Assert.NotNull((await _signIn.RunAsync("emil", Password, "192.0.2.7", CancellationToken.None)).Account);
        _time.Advance(_options.Lock + TimeSpan.FromSeconds(1));
        Assert.NotNull((await TryAsync("emil", Password)).Account);
    }

    [Fact]
    public async Task Overlong_password_is_refused_unread()
    {
        await MakeAsync("fred");
        var before = _hasher.Checks;
        Assert.Null((await TryAsync("fred", new string('x', 100_000))).Account);
        Assert.Equal(before, _hasher.Checks);
    }

    [Fact]
    public async Task Change_in_another_process_counts_within_half_a_minute()
    {
        await MakeAsync("gust");
        var account = (await TryAsync("gust", Password)).Account!;
        var principal = AccountClaims.Principal(account, "test");
        Assert.Equal(Role.Viewer, (await _actors.ReadAsync(principal, CancellationToken.None))!.Role);
        await using var db = await _postgres.Contexts.CreateDbContextAsync();
        await db.Users.Where(a => a.Id == account.Id).ExecuteUpdateAsync(set => set.SetProperty(a => a.Disabled, true));
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Null(await _actors.ReadAsync(principal, CancellationToken.None));
    }

    [Fact]
    public async Task Deleted_account_and_other_stamp_are_nobody()
    {
        await MakeAsync("hugo");
        var account = (await TryAsync("hugo", Password)).Account!;
        var other = new ClaimsPrincipal(new ClaimsIdentity([new Claim(AccountClaims.Id, account.Id.ToString()), new Claim(AccountClaims.Stamp, "old")], "test"));
        Assert.Null(await _actors.ReadAsync(other, CancellationToken.None));
        Assert.Null(await _actors.ReadAsync(new ClaimsPrincipal(new ClaimsIdentity()), CancellationToken.None));
        await using var db = await _postgres.Contexts.CreateDbContextAsync();
        await db.Users.Where(a => a.Id == account.Id).ExecuteDeleteAsync();
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Null(await _actors.ReadAsync(AccountClaims.Principal(account, "test"), CancellationToken.None));
    }

    private async Task MakeAsync(string user, bool disabled = false) =>
        await _create.RunAsync(Actor.Platform, new UserDraft { Username = user, Role = Role.Viewer, Password = Password, Disabled = disabled }, CancellationToken.None);

    private Task<SignInAnswer> TryAsync(string user, string password) => _signIn.RunAsync(user, password, "127.0.0.1", CancellationToken.None);

    private async Task FailAsync(string user, int times)
    {
        for (var i = 0; i < times; i++)
        {
            Assert.Null((await TryAsync(user, "wrong")).Account);
        }
    }

    /// <summary>Cheap, and counts how often a password was looked at.</summary>
    private sealed class CountingHasher : IPasswordHasher<Account>
    {
        private int _checks;

        public int Checks => _checks;

        public string HashPassword(Account user, string password) => "hash of " + password;

        public PasswordVerificationResult VerifyHashedPassword(Account user, string hashedPassword, string providedPassword)
        {
            Interlocked.Increment(ref _checks);
            return string.Equals(hashedPassword, "hash of " + providedPassword, StringComparison.Ordinal) ? PasswordVerificationResult.Success : PasswordVerificationResult.Failed;
        }
    }
}
