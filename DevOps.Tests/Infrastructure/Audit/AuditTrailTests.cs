using DevOps.Core.Access;
using DevOps.Core.Audit;
using DevOps.Core.Environments;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Access;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Environments;
using DevOps.Infrastructure.Projects;
using DevOps.Tests.Fakes;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace DevOps.Tests.Infrastructure.Audit;

public sealed class AuditTrailTests : IAsyncLifetime
{
    private readonly PostgresFixture _postgres = new();
    private Rooms _rooms = null!;

    public async Task InitializeAsync()
    {
        await _postgres.InitializeAsync();
        _rooms = new Rooms(_postgres);
    }

    public async Task DisposeAsync()
    {
        await _rooms.DisposeAsync();
        await _postgres.DisposeAsync();
    }

    [Fact]
    public async Task Change_shows_what_stood_there_before_and_what_stands_there_now()
    {
        await _rooms.CreateProjectAsync();
        var draft = Rooms.Draft() with { Name = "Web shop", Build = Rooms.Draft().Build with { Image = "node:24", Script = ["npm ci", "npm test"] } };
        await _rooms.Get<ChangeProject>().RunAsync(Rooms.Admin, draft, null, CancellationToken.None);

        var changes = (await LastAsync("project.change")).Changes!;

        Assert.Contains(new AuditChange("name", "The shop", "Web shop"), changes);
        Assert.Contains(new AuditChange("build.image", "node:22", "node:24"), changes);
        Assert.Contains(new AuditChange("build.script", "npm ci", "npm ci\nnpm test"), changes);
        Assert.Equal(3, changes.Count);
    }

    [Fact]
    public async Task What_sounds_like_a_secret_and_what_files_hold_is_left_out()
    {
        await _rooms.CreateProjectAsync();
        await _rooms.PutEnvironmentAsync();
        var draft = new EnvironmentDraft
        {
            Name = "production",
            Variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["COLOUR"] = "blue", ["API_TOKEN"] = "sesame-1" },
            Secrets = new Dictionary<string, string?>(StringComparer.Ordinal) { ["DB"] = "sesame-2" },
            Files = new Dictionary<string, string>(StringComparer.Ordinal) { ["app.json"] = "sesame-3" },
        };
        await _rooms.Get<CreateOrChangeEnvironment>().RunAsync(Rooms.Admin, "shop", draft, null, CancellationToken.None);

        var changes = (await LastAsync("environment.change")).Changes!;

        Assert.Contains(new AuditChange("variables.COLOUR", null, "blue"), changes);
        Assert.Contains(new AuditChange("variables.API_TOKEN", null, "•••"), changes);
        Assert.Contains(new AuditChange("files.app.json", null, "8 characters"), changes);
        Assert.DoesNotContain("sesame", await _rooms.DumpAsync("audit_entries"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Line_breaks_and_control_characters_stay_out_of_a_line()
    {
        var audit = new AuditTrail(TimeProvider.System);
        await using var db = await _postgres.Contexts.CreateDbContextAsync();
        audit.Add(db, Rooms.Admin, "test.line", "branch/a\r\nb\u2028c", "evil\u001b[2J\nadmin user.create user/x: Created." + new string('x', 3000));
        await db.SaveChangesAsync();

        var line = await LastAsync("test.line");

        Assert.Equal("branch/a  b c", line.Subject);
        Assert.StartsWith("evil [2J admin user.create", line.Summary, StringComparison.Ordinal);
        Assert.Equal(2000, line.Summary.Length);
    }

    [Fact]
    public async Task Refused_attempts_get_a_few_lines_a_minute_and_the_next_line_counts_the_rest()
    {
        var time = new ManualTime();
        var refused = new RefusedAttempts(_postgres.Contexts, new AuditTrail(time), NullLogger<RefusedAttempts>.Instance);
        var viewer = Rooms.Platform("viewer", Role.Viewer);
        for (var i = 0; i < 200; i++)
        {
            await refused.NoteAsync(viewer, "POST /api/v1/users", new Forbidden("No."));
        }

        await refused.NoteAsync(Rooms.Platform("other", Role.Viewer), "POST /api/v1/users", new Forbidden("No."));
        time.Advance(TimeSpan.FromMinutes(2));
        await refused.NoteAsync(viewer, "POST /api/v1/users", new Forbidden("No."));

        var lines = (await _rooms.AuditAsync()).Where(l => l.Contains("access.refuse", StringComparison.Ordinal)).ToList();
        Assert.Equal(12, lines.Count);
        Assert.Equal("viewer access.refuse POST /api/v1/users: No. 190 more were refused since the last line.", lines[^1]);
    }

    [Fact]
    public async Task Attempts_of_very_many_people_fill_the_log_no_faster()
    {
        var refused = new RefusedAttempts(_postgres.Contexts, new AuditTrail(new ManualTime()), NullLogger<RefusedAttempts>.Instance);
        for (var i = 0; i < 400; i++)
        {
            await refused.NoteAsync(Rooms.Platform($"user-{i}", Role.Viewer), "POST /api/v1/users", new Forbidden("No."));
        }

        Assert.Equal(300, (await _rooms.AuditAsync()).Count);
    }

    [Theory]
    [InlineData("SELECT forget_audit_entries(89, 100)", "at least 90 days")]
    [InlineData("SELECT set_config('devops.forget_audit', 'on', false); DELETE FROM audit_entries", "append-only")]
    [InlineData("SELECT set_config('devops.forget_audit', 'on', false); UPDATE audit_entries SET actor = 'nobody'", "append-only")]
    [InlineData("SELECT set_config('devops.forget_audit', 'on', false); TRUNCATE audit_entries", "append-only")]
    public async Task Nothing_young_can_be_taken_out_whatever_is_set(string statement, string words)
    {
        await InsertAsync(1, "now() - interval '89 days'");
        await using var command = _postgres.DataSource.CreateCommand(statement);

        var refused = await Assert.ThrowsAsync<PostgresException>(command.ExecuteNonQueryAsync);

        Assert.Contains(words, refused.MessageText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entries_over_their_limit_go_through_the_one_door_and_the_young_stay()
    {
        await InsertAsync(5, "now() - interval '400 days'");
        await InsertAsync(3, "now() - interval '100 days'");
        await using var command = _postgres.DataSource.CreateCommand("SELECT forget_audit_entries(365, 4)");

        Assert.Equal(4, await command.ExecuteScalarAsync());
        Assert.Equal(1, await command.ExecuteScalarAsync());
        Assert.Equal(3, (await _rooms.AuditAsync()).Count);
        await using var delete = _postgres.DataSource.CreateCommand("DELETE FROM audit_entries");
        await Assert.ThrowsAsync<PostgresException>(delete.ExecuteNonQueryAsync);
    }

    [Theory]
    [InlineData("lin", null, null)]
    [InlineData(null, "project.change", null)]
    [InlineData(null, null, "project/shop-7")]
    [InlineData(null, null, null)]
    public async Task Filtered_page_is_found_by_an_index(string? actor, string? action, string? subject)
    {
        await InsertAsync(30_000, "now() - n * interval '1 minute'");
        await using (var analyze = _postgres.DataSource.CreateCommand("ANALYZE audit_entries"))
        {
            await analyze.ExecuteNonQueryAsync();
        }

        await using var db = await _postgres.Contexts.CreateDbContextAsync();
        var page = new AuditFilter(actor, action, subject).Narrow(db.AuditEntries).OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Take(50).Select(e => e.Id);
        var plan = await QueryPlan.OfAsync(_postgres.DataSource, page);

        Assert.DoesNotContain("Seq Scan", plan, StringComparison.Ordinal);
    }

    private async Task InsertAsync(int count, string at)
    {
        await using var insert = _postgres.DataSource.CreateCommand(
            "INSERT INTO audit_entries (at, actor, action, subject, summary) SELECT " + at + ", CASE WHEN n % 100 = 0 THEN 'lin' ELSE 'wang' || n % 50 END, "
            + "CASE WHEN n % 100 = 1 THEN 'project.change' ELSE 'session.create' END, 'project/shop-' || n % 300, 'x' FROM generate_series(1, $1) n");
        insert.Parameters.AddWithValue(count);
        await insert.ExecuteNonQueryAsync();
    }

    private async Task<AuditEntry> LastAsync(string action)
    {
        await using var db = await _postgres.Contexts.CreateDbContextAsync();
        return await db.AuditEntries.AsNoTracking().Where(e => e.Action == action).OrderByDescending(e => e.Id).FirstAsync();
    }
}
