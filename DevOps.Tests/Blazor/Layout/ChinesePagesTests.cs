using System.Net;
using System.Net.Http.Json;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Environments;
using DevOps.Infrastructure.Projects;
using DevOps.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace DevOps.Tests.Blazor.Layout;

[Collection(BrowserCollection.Name)]
public sealed class ChinesePagesTests(BrowserFixture browser)
{
    private static readonly BrowserFixture.Look Chinese = new("zh-CN");

    [Fact]
    public async Task Fault_of_a_field_and_a_conflict_are_said_in_Chinese()
    {
        await using var tab = await browser.OpenAsync("/credentials/new", look: Chinese);
        await tab.FillAsync("名称", "Not A Name");
        await tab.SeeAsync("请使用 1 到 40 个小写字母、数字和连字符，并以字母开头。");

        await tab.FillAsync("名称", "twice");
        await tab.PressAsync("生成密钥");
        await tab.Page.Locator(".public-key").WaitForAsync();
        await tab.GoAsync("/credentials/new");
        await tab.FillAsync("名称", "twice");
        await tab.PressAsync("生成密钥");

        await tab.SeeAsync("凭据 twice 已存在。请选择其他名称。");
        Assert.DoesNotContain("is there already", await tab.Page.ContentAsync(), StringComparison.Ordinal);
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Error_of_a_deployment_is_said_in_Chinese_with_the_output_as_it_is_and_in_English_over_the_API()
    {
        var id = await FailedAsync("hao", Sentence.Of($"The build script ended with exit code {7}.").Above("cannot find module left-pad"));

        await using var tab = await browser.OpenAsync($"/deployments/{id}", look: Chinese);
        await tab.SeeAsync("构建脚本以退出码 7 结束。");
        await tab.SeeAsync("cannot find module left-pad");

        using var api = await browser.AsAsync(Role.Admin);
        api.DefaultRequestHeaders.AcceptLanguage.ParseAdd("zh-CN");
        var answer = await api.GetStringAsync($"/api/v1/deployments/{id}");
        Assert.Contains("\"error\":\"The build script ended with exit code 7.\\ncannot find module left-pad\"", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Error_from_before_sentences_were_kept_is_said_as_it_was_written()
    {
        var id = await FailedAsync("jiu", null);

        await using var tab = await browser.OpenAsync($"/deployments/{id}", look: Chinese);

        await tab.SeeAsync("It broke {0} long ago.");
    }

    [Fact]
    public async Task Refusals_of_the_API_stay_English()
    {
        using var api = await browser.AsAsync(Role.Admin);
        api.DefaultRequestHeaders.AcceptLanguage.ParseAdd("zh-CN");

        using var invalid = await api.PostAsJsonAsync("/api/v1/credentials", new { name = "Not A Name", kind = "sshKey", generate = true });
        using var missing = await api.GetAsync("/api/v1/projects/nowhere");

        Assert.Equal(HttpStatusCode.BadRequest, invalid.StatusCode);
        Assert.Contains("Use 1 to 40 small letters", await invalid.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("Project nowhere was not found.", await missing.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task<long> FailedAsync(string key, Sentence? error)
    {
        var services = browser.Services;
        var project = await services.GetRequiredService<CreateProject>().RunAsync(Actor.Platform, Rooms.Draft(key), CancellationToken.None);
        var environment = (await services.GetRequiredService<CreateOrChangeEnvironment>().RunAsync(Actor.Platform, key, new EnvironmentDraft { Name = "staging" }, null, CancellationToken.None)).Environment;
        await using var db = await browser.Contexts.CreateDbContextAsync();
        var deployment = new Deployment
        {
            ProjectId = project.Id,
            EnvironmentId = environment.Id,
            RequestedBy = "lin",
            Error = error?.ToString() ?? "It broke {0} long ago.",
            ErrorSentence = error,
            LogComplete = true,
        };
        deployment.MoveTo(DeploymentStatus.Running, DateTimeOffset.UnixEpoch);
        deployment.MoveTo(DeploymentStatus.Failed, DateTimeOffset.UnixEpoch.AddSeconds(5));
        db.Deployments.Add(deployment);
        await db.SaveChangesAsync();
        return deployment.Id;
    }
}
