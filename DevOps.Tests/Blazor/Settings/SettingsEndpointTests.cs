using System.Net;
using DevOps.Core.Access;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Blazor.Settings;

public sealed class SettingsEndpointTests(RoomsApi api) : IClassFixture<RoomsApi>
{
    [Fact]
    public async Task Settings_are_read_changed_and_guarded_by_their_tag()
    {
        var before = await api.SendAsync(HttpMethod.Get, "/settings", null, HttpStatusCode.OK);
        Assert.Equal(180, before["retention"].GetProperty("logDays").GetInt32());

        var changed = await api.SendAsync(HttpMethod.Put, "/settings", """{"publicUrl":"https://deploy.example","timeZone":"Asia/Shanghai","retention":{"logDays":90},"backup":{"enabled":true,"hour":2,"keep":3}}""", HttpStatusCode.OK, ifMatch: before.Tag);
        Assert.Equal(("https://deploy.example", 90), (changed.Text("publicUrl"), changed["retention"].GetProperty("logDays").GetInt32()));
        await api.SendAsync(HttpMethod.Put, "/settings", "{}", HttpStatusCode.PreconditionFailed, ifMatch: before.Tag);

        var read = await api.SendAsync(HttpMethod.Get, "/settings", null, HttpStatusCode.OK);
        Assert.Equal((changed.Tag, 3), (read.Tag, read["backup"].GetProperty("keep").GetInt32()));
        await using var db = await api.Contexts.CreateDbContextAsync();
        Assert.Contains("retention.logDays: 180 → 90", db.AuditEntries.OrderBy(a => a.Id).Last(a => a.Action == "settings.change").Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"publicUrl":"deploy.example"}""", "publicUrl")]
    [InlineData("""{"publicUrl":"https://deploy.example/"}""", "publicUrl")]
    [InlineData("""{"timeZone":"Mars/Olympus"}""", "timeZone")]
    [InlineData("""{"retention":{"logDays":0}}""", "retention.logDays")]
    [InlineData("""{"language":"fr"}""", "language")]
    [InlineData("""{"retention":{"auditDays":89}}""", "retention.auditDays")]
    [InlineData("""{"backup":{"hour":24}}""", "backup.hour")]
    [InlineData("""{"backup":{"keep":0}}""", "backup.keep")]
    public async Task Bad_field_is_named(string body, string field) =>
        Assert.Equal([field], (await api.SendAsync(HttpMethod.Put, "/settings", body, HttpStatusCode.BadRequest)).Faults);

    [Fact]
    public async Task Who_is_no_administrator_sees_nothing() =>
        await api.SendAsync(HttpMethod.Get, "/settings", null, HttpStatusCode.Forbidden, Role.Maintainer);
}
