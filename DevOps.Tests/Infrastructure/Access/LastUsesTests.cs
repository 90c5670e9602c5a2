using System.Security.Cryptography;
using System.Text;
using DevOps.Core.Access;
using DevOps.Infrastructure;
using DevOps.Infrastructure.Access;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Retention;
using DevOps.Infrastructure.Secrets;
using DevOps.Tests.Fakes;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace DevOps.Tests.Infrastructure.Access;

public sealed class LastUsesTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task Use_is_written_at_most_once_a_minute()
    {
        using var uses = new LastUses(postgres.Contexts, _time, NullLogger<LastUses>.Instance);
        var token = await TokenAsync(expiresAt: null);
        var first = _time.GetUtcNow();
        uses.Token(token, "192.0.2.1");
        await uses.WriteAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(59));
        uses.Token(token, "192.0.2.2");
        await uses.WriteAsync(CancellationToken.None);
        Assert.Equal((first, "192.0.2.1"), await UseAsync(token));
        _time.Advance(TimeSpan.FromSeconds(1));
        uses.Token(token, "192.0.2.2");
        await uses.WriteAsync(CancellationToken.None);
        Assert.Equal((first.AddMinutes(1), "192.0.2.2"), await UseAsync(token));
    }

    [Fact]
    public async Task Use_noted_by_another_process_within_the_minute_stays()
    {
        using var here = new LastUses(postgres.Contexts, _time, NullLogger<LastUses>.Instance);
        using var there = new LastUses(postgres.Contexts, _time, NullLogger<LastUses>.Instance);
        var token = await TokenAsync(expiresAt: null);
        here.Token(token, "192.0.2.1");
        await here.WriteAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(30));
        there.Token(token, "192.0.2.9");
        await there.WriteAsync(CancellationToken.None);
        Assert.Equal("192.0.2.1", (await UseAsync(token)).Address);
    }

    [Fact]
    public async Task Expired_token_is_nobody_and_goes_after_a_month()
    {
        var text = PersonalTokenText.Mark + new string('a', 64);
        var reader = new PersonalTokenReader(postgres.Contexts, _time);
        var id = await TokenAsync(_time.GetUtcNow().AddHours(1), text);
        Assert.NotNull(await reader.FindAsync(text, "test", CancellationToken.None));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Null(await reader.FindAsync(text, "test", CancellationToken.None));
        var duty = Duty("personal tokens that are over");
        await duty.RunAsync(CancellationToken.None);
        Assert.True(await ExistsAsync(id));
        _time.Advance(TimeSpan.FromDays(31));
        await duty.RunAsync(CancellationToken.None);
        Assert.False(await ExistsAsync(id));
    }

    [Fact]
    public async Task Sessions_go_when_their_cookie_is_over_or_the_password_is_new()
    {
        var account = await AccountAsync();
        var options = new AccessOptions();
        var young = await SessionAsync(account, "stamp", TimeSpan.Zero);
        var old = await SessionAsync(account, "stamp", TimeSpan.FromSeconds(options.SessionSeconds) + TimeSpan.FromHours(2));
        var before = await SessionAsync(account, "stamp before", TimeSpan.Zero);
        await Duty("sessions that are over").RunAsync(CancellationToken.None);
        await using var db = await postgres.Contexts.CreateDbContextAsync();
        var left = await db.BrowserSessions.Where(s => s.AccountId == account).Select(s => s.Id).ToListAsync();
        Assert.Equal([young], left);
        Assert.DoesNotContain(old, left);
        Assert.DoesNotContain(before, left);
    }

    private IHousekeeping Duty(string subject) => new ServiceCollection()
        .AddLogging()
        .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
        .AddSingleton<TimeProvider>(_time)
        .AddSingleton(postgres.Contexts)
        .AddSingleton(postgres.DataSource)
        .AddSingleton(new PlatformOptions { MasterKey = Convert.ToBase64String(new byte[32]) })
        .AddSingleton<DatabaseSignals>()
        .AddSecrets()
        .AddAccess()
        .BuildServiceProvider()
        .GetServices<IHousekeeping>().Single(d => string.Equals(d.Subject, subject, StringComparison.Ordinal));

    private async Task<Guid> AccountAsync()
    {
        await using var db = await postgres.Contexts.CreateDbContextAsync();
        var name = $"u{Guid.NewGuid():N}"[..20];
        var account = new Account { Id = Guid.NewGuid(), UserName = name, NormalizedUserName = name.ToUpperInvariant(), SecurityStamp = "stamp", CreatedAt = _time.GetUtcNow() };
        db.Users.Add(account);
        await db.SaveChangesAsync();
        return account.Id;
    }

    private async Task<long> TokenAsync(DateTimeOffset? expiresAt, string? text = null)
    {
        var account = await AccountAsync();
        await using var db = await postgres.Contexts.CreateDbContextAsync();
        var token = new PersonalToken
        {
            AccountId = account,
            Name = "test",
            Scope = TokenScope.Read,
            Hash = SHA256.HashData(Encoding.UTF8.GetBytes(text ?? Guid.NewGuid().ToString())),
            Hint = "dvt_test",
            CreatedAt = _time.GetUtcNow(),
            ExpiresAt = expiresAt,
        };
        db.PersonalTokens.Add(token);
        await db.SaveChangesAsync();
        return token.Id;
    }

    private async Task<Guid> SessionAsync(Guid account, string stamp, TimeSpan age)
    {
        await using var db = await postgres.Contexts.CreateDbContextAsync();
        var at = _time.GetUtcNow() - age;
        var session = new BrowserSession { Id = Guid.NewGuid(), AccountId = account, Stamp = stamp, CreatedAt = at, LastSeenAt = at, Address = "192.0.2.1", UserAgent = "" };
        db.BrowserSessions.Add(session);
        await db.SaveChangesAsync();
        return session.Id;
    }

    private async Task<(DateTimeOffset? At, string? Address)> UseAsync(long id)
    {
        await using var db = await postgres.Contexts.CreateDbContextAsync();
        var token = await db.PersonalTokens.SingleAsync(t => t.Id == id);
        return (token.LastUsedAt, token.LastUsedAddress);
    }

    private async Task<bool> ExistsAsync(long id)
    {
        await using var db = await postgres.Contexts.CreateDbContextAsync();
        return await db.PersonalTokens.AnyAsync(t => t.Id == id);
    }
}
