using System.Net.Http.Json;
using DevOps.Core.Access;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Tests.Blazor.Access;

/// <summary>With an application of its own: where many attempts were refused of late, not every one gets a line.</summary>
public sealed class SignInLinesTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task Attempts_leave_lines_without_the_password()
    {
        await api.MakeUserAsync("edda", Role.Viewer);
        using var client = api.Anonymous();
        foreach (var password in new[] { "hunter2-hunter2", ApiFixture.Password })
        {
            using var answer = await client.PostAsJsonAsync("/api/v1/auth/token", new { username = "edda", password });
        }

        await using var db = await api.Contexts.CreateDbContextAsync();
        var lines = await db.AuditEntries.Where(a => a.Subject == "user/edda").OrderBy(a => a.Id).ToListAsync();
        Assert.Equal(["user.create", "session.refuse", "session.create"], lines.Select(l => l.Action));
        Assert.Equal("127.0.0.1", lines[1].Ip);
        Assert.DoesNotContain(lines, l => l.Summary.Contains("hunter2", StringComparison.Ordinal));
    }
}
