using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Tests.Fixtures;
using Microsoft.Playwright;

namespace DevOps.Tests.Blazor.Schedules;

public sealed class ScheduleDoorsTests(WorkingBrowser browser) : IClassFixture<WorkingBrowser>
{
    [Fact]
    public async Task Schedule_is_made_read_replaced_and_deleted_over_http()
    {
        var project = await browser.Platform.ProjectAsync();
        var address = $"/api/v1/projects/{project.Key}/schedules";
        using var client = await browser.Platform.AsAsync(Role.Maintainer);

        using var created = await client.PostAsJsonAsync(address, new { name = "nightly", environment = "dev", cron = "30 3 * * *", timeZone = "Asia/Shanghai", onlyIfChanged = true });
        Assert.Equal((HttpStatusCode.Created, $"{address}/nightly"), (created.StatusCode, created.Headers.Location!.OriginalString));
        using var twice = await client.PostAsJsonAsync(address, new { name = "nightly", environment = "dev", cron = "30 3 * * *" });
        Assert.Equal(HttpStatusCode.Conflict, twice.StatusCode);

        using var read = await client.GetAsync($"{address}/nightly");
        var body = await read.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(("Asia/Shanghai", true, true), (body.GetProperty("timeZone").GetString(), body.GetProperty("enabled").GetBoolean(), body.GetProperty("onlyIfChanged").GetBoolean()));
        Assert.Equal(19, body.GetProperty("nextRunAt").GetDateTimeOffset().Hour);

        using var put = new HttpRequestMessage(HttpMethod.Put, $"{address}/nightly") { Content = JsonContent.Create(new { environment = "dev", cron = "0 4 * * *", enabled = false }) };
        put.Headers.TryAddWithoutValidation("If-Match", read.Headers.ETag!.Tag);
        using var replaced = await client.SendAsync(put);
        var off = await replaced.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((HttpStatusCode.OK, JsonValueKind.Null, "UTC"), (replaced.StatusCode, off.GetProperty("nextRunAt").ValueKind, off.GetProperty("timeZone").GetString()));
        using var stale = new HttpRequestMessage(HttpMethod.Delete, $"{address}/nightly");
        stale.Headers.TryAddWithoutValidation("If-Match", read.Headers.ETag!.Tag);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await client.SendAsync(stale)).StatusCode);

        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync($"{address}/nightly")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync($"{address}/nightly")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.PutAsJsonAsync($"{address}/nightly", new { environment = "dev", cron = "0 4 * * *" })).StatusCode);
    }

    [Theory]
    [InlineData("""{"name":"Bad Name","environment":"dev","cron":"0 3 * * *"}""", "name")]
    [InlineData("""{"name":"a","environment":"nowhere","cron":"0 3 * * *"}""", "environment")]
    [InlineData("""{"name":"a","environment":"dev","cron":"whenever"}""", "cron")]
    [InlineData("""{"name":"a","environment":"dev","cron":"0 3 * * *","timeZone":"Mars/Base"}""", "timeZone")]
    [InlineData("""{"name":"a","environment":"dev","cron":"0 3 * * *","ref":"-x"}""", "ref")]
    public async Task Field_that_cannot_be_accepted_is_named(string body, string field)
    {
        var project = await browser.Platform.ProjectAsync();
        using var client = await browser.Platform.AsAsync(Role.Maintainer);

        using var answer = await client.PostAsync($"/api/v1/projects/{project.Key}/schedules", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(field, Assert.Single((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").EnumerateObject()).Name);
    }

    [Fact]
    public async Task Tab_adds_a_schedule_and_the_page_shows_its_next_runs()
    {
        var project = await browser.Platform.ProjectAsync();
        await using var tab = await browser.OpenAsync($"/projects/{project.Key}/schedules");
        await tab.PressAsync("New schedule");
        var dialog = tab.Page.GetByRole(AriaRole.Dialog);
        await dialog.GetByRole(AriaRole.Textbox, new() { Name = "Name" }).FillAsync("nightly");
        await dialog.GetByRole(AriaRole.Textbox, new() { Name = "When" }).FillAsync("whenever");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await dialog.GetByText("This cannot be read").WaitForAsync();
        await dialog.GetByRole(AriaRole.Textbox, new() { Name = "When" }).FillAsync("30 3 * * *");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await tab.Page.Locator("td code", new() { HasText = "30 3 * * *" }).WaitForAsync();

        await tab.GoAsync("/schedules");
        await tab.Page.Locator(".runs li", new() { HasText = project.Key }).First.WaitForAsync();
        Assert.Equal(10, await tab.Page.Locator(".runs li", new() { HasText = project.Key }).CountAsync());
        Assert.Empty(tab.Troubles);
    }
}
