using DevOps.Core.Secrets;
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
using Microsoft.Extensions.Options;

namespace DevOps.Tests.Infrastructure.Access;

public sealed class SigningKeysTests : IAsyncLifetime
{
    private readonly PostgresFixture _postgres = new();
    private readonly ManualTime _time = new();
    private readonly AccessOptions _options = new();
    private readonly SecretVault _vault = new(KeyRing.Load(new PlatformOptions { MasterKey = Convert.ToBase64String(new byte[32]) }));

    public Task InitializeAsync() => _postgres.InitializeAsync();

    public Task DisposeAsync() => _postgres.DisposeAsync();

    [Fact]
    public async Task Processes_that_start_together_share_one_key()
    {
        var made = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Keys().CurrentAsync(CancellationToken.None)));
        Assert.Single(made.DistinctBy(k => k.Kid));
        Assert.Single(made.DistinctBy(k => Convert.ToHexString(k.Bytes)));
    }

    [Fact]
    public async Task Old_key_is_replaced_by_the_housekeeping_and_verifies_until_its_last_token_is_over()
    {
        var there = Keys();
        var first = await there.CurrentAsync(CancellationToken.None);
        await RunDutyAsync();
        Assert.Equal(first.Kid, (await Keys().CurrentAsync(CancellationToken.None)).Kid);
        _time.Advance(TimeSpan.FromDays(_options.SigningKeyDays));
        await RunDutyAsync();

        _time.Advance(SigningKeys.MaxAge);
        var second = await there.CurrentAsync(CancellationToken.None);
        Assert.NotEqual(first.Kid, second.Kid);
        _time.Advance(TimeSpan.FromSeconds(_options.TokenSeconds));
        await there.LoadAsync(first.Kid, CancellationToken.None);
        Assert.Equal(first.Bytes, there.Find(first.Kid)!.Bytes);
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Null(there.Find(first.Kid));
        await RunDutyAsync();
        await using var db = await _postgres.Contexts.CreateDbContextAsync();
        Assert.Equal([second.Kid], await db.SigningKeys.Select(k => k.Kid).ToListAsync());
    }

    [Fact]
    public async Task Made_up_names_reach_the_database_once_a_second_at_most()
    {
        var keys = Keys();
        await keys.CurrentAsync(CancellationToken.None);
        var made = await Keys().CurrentAsync(CancellationToken.None);
        await using (var db = await _postgres.Contexts.CreateDbContextAsync())
        {
            await db.SigningKeys.Where(k => k.Kid == made.Kid).ExecuteDeleteAsync();
        }

        await keys.LoadAsync("made-up", CancellationToken.None);
        Assert.NotNull(keys.Find(made.Kid));
        _time.Advance(TimeSpan.FromSeconds(1));
        await keys.LoadAsync("made-up", CancellationToken.None);
        Assert.Null(keys.Find(made.Kid));
        Assert.Null(keys.Find("made-up"));
    }

    [Fact]
    public async Task Stored_key_is_sealed_and_bound_to_its_row()
    {
        var key = await Keys().CurrentAsync(CancellationToken.None);
        await using var db = await _postgres.Contexts.CreateDbContextAsync();
        var row = await db.SigningKeys.SingleAsync();
        Assert.Equal(-1, row.Ciphertext.AsSpan().IndexOf(key.Bytes));
        Assert.Throws<SecretUnreadable>(() => _vault.Open("signing-key/other", row.Ciphertext));
    }

    [Fact]
    public async Task Key_of_an_older_installation_is_kept_and_belongs_to_tokens_that_name_none()
    {
        var bytes = Convert.ToBase64String(Enumerable.Range(0, 64).Select(i => (byte)i).ToArray());
        var stored = Convert.ToBase64String(_vault.Seal("access.signingKey", new Sensitive(bytes)));
        await using (var db = await _postgres.Contexts.CreateDbContextAsync())
        {
            await db.Database.ExecuteSqlAsync($"INSERT INTO settings (key, value) VALUES ('access.signingKey', {stored})");
            await db.Database.ExecuteSqlRawAsync(await MoveAsync());
            Assert.False(await db.Settings.AnyAsync(s => s.Key == "access.signingKey"));
        }

        var keys = Keys();
        var current = await keys.CurrentAsync(CancellationToken.None);
        Assert.Equal(bytes, Convert.ToBase64String(current.Bytes));
        Assert.Equal(current, keys.Find(null));
    }

    // The part of the migration that moves the key.
    private static async Task<string> MoveAsync()
    {
        var assembly = typeof(SigningKeys).Assembly;
        using var reader = new StreamReader(assembly.GetManifestResourceStream(assembly.GetManifestResourceNames().Single(n => n.EndsWith("_SigningKeys.sql", StringComparison.Ordinal)))!);
        var script = await reader.ReadToEndAsync();
        return script[script.IndexOf("INSERT INTO", StringComparison.Ordinal)..];
    }

    private SigningKeys Keys() => new(_postgres.Contexts, _vault, Options.Create(_options), _time);

    private async Task RunDutyAsync()
    {
        await using var services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
            .AddSingleton<TimeProvider>(_time)
            .AddSingleton(_postgres.Contexts)
            .AddSingleton(_postgres.DataSource)
            .AddSingleton(_vault)
            .AddSingleton<DatabaseSignals>()
            .AddAccess()
            .BuildServiceProvider();
        await services.GetServices<IHousekeeping>().Single(d => d.Subject.Contains("signing keys", StringComparison.Ordinal)).RunAsync(CancellationToken.None);
    }
}
