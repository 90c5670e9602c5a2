using System.Net;
using DevOps.Core.Events;
using DevOps.Core.Secrets;
using DevOps.Core.Webhooks;
using DevOps.Infrastructure.Webhooks;
using DevOps.Tests.Fakes;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Infrastructure.Webhooks;

public sealed class WebhookFloodTests(RoomsApi api) : IClassFixture<RoomsApi>
{
    [Fact]
    public async Task Garbage_is_answered_with_429_after_a_while_and_leaves_a_counting_row()
    {
        using var door = await WebhookDoor.MakeAsync(api);
        var answers = new List<WebhookDoor.Answer>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 1000), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) =>
        {
            var answer = await door.SendAsync("github", "{}", "application/json", ("X-Hub-Signature-256", "sha256=00"));
            lock (answers)
            {
                answers.Add(answer);
            }
        });

        var rejected = answers.Count(a => a.Status == HttpStatusCode.Unauthorized);
        Assert.InRange(rejected, 120, 999);
        Assert.All(answers.Where(a => a.Status != HttpStatusCode.Unauthorized), a => Assert.Equal((HttpStatusCode.TooManyRequests, true), (a.Status, a.RetryAfter is not null)));
        var kept = await UntilAsync(door, rows => rows.Sum(r => r.Times) == rejected);
        Assert.InRange(kept.Count, 1, 3);
        Assert.All(kept, d => Assert.Equal((DeliveryOutcome.Rejected, "rejected: the signature or token does not fit the project's secret"), (d.Outcome, d.Verdict.ToString())));

        using var other = await WebhookDoor.MakeAsync(api);
        Assert.Equal(HttpStatusCode.Accepted, (await other.GitHubAsync(WebhookDoor.Push())).Status);
    }

    [Fact]
    public async Task Ten_thousand_rejected_deliveries_from_everywhere_are_a_row_a_minute()
    {
        using var door = await WebhookDoor.MakeAsync(api);
        var rejected = api.Services.GetRequiredService<RejectedDeliveries>();

        Parallel.For(0, 10_000, i => rejected.Count(new Rejection(door.Project.Id, WebhookProvider.Gitea, $"10.0.{i / 256}.{i % 256}", SignatureAnswer.Missing)));

        var kept = await UntilAsync(door, rows => rows.Sum(r => r.Times) == 10_000);
        Assert.InRange(kept.Count, 1, 2);
    }

    [Fact]
    public async Task Secret_of_before_is_accepted_for_an_hour_and_not_longer()
    {
        using var door = await WebhookDoor.MakeAsync(api);
        var time = new ManualTime();
        using var targets = ActivatorUtilities.CreateInstance<WebhookTargets>(api.Services, time);
        var receive = ActivatorUtilities.CreateInstance<ReceiveDelivery>(api.Services, targets, time);
        await ActivatorUtilities.CreateInstance<CreateWebhookSecret>(api.Services, time).RunAsync(DevOps.Core.Access.Actor.Platform, door.Key, CancellationToken.None);

        time.Advance(CreateWebhookSecret.Rotation - TimeSpan.FromSeconds(1));
        Assert.Equal(ReceiptKind.Ignored, (await PingAsync()).Kind);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ReceiptKind.Rejected, (await PingAsync()).Kind);

        Task<DeliveryReceipt> PingAsync() => receive.RunAsync(
            new ReceivedDelivery(WebhookProvider.Gitlab, door.Key, new WebhookHeaders(new Dictionary<string, string>(StringComparer.Ordinal) { ["X-Gitlab-Token"] = door.Secret }), "application/json", "{\"object_kind\":\"note\"}"u8.ToArray(), "127.0.0.1"),
            CancellationToken.None);
    }

    [Fact]
    public async Task Secret_is_sealed_in_the_database()
    {
        using var door = await WebhookDoor.MakeAsync(api);
        await using var db = await api.Contexts.CreateDbContextAsync();
        var row = await db.WebhookSecrets.SingleAsync(s => s.ProjectId == door.Project.Id);

        Assert.DoesNotContain(door.Secret, System.Text.Encoding.Latin1.GetString(row.Current), StringComparison.Ordinal);
        Assert.Equal(new Sensitive(door.Secret), api.Services.GetRequiredService<DevOps.Infrastructure.Secrets.SecretVault>().Open(WebhookSecret.Purpose(door.Project.Id), row.Current));
    }

    private async Task<List<Delivery>> UntilAsync(WebhookDoor door, Func<List<Delivery>, bool> wished)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var changed = new SemaphoreSlim(0);
        using var subscription = api.Services.GetRequiredService<ChangeFeed>().Subscribe(_ => changed.Release());
        while (true)
        {
            var kept = await door.KeptAsync();
            if (wished(kept))
            {
                return kept;
            }

            await changed.WaitAsync(limit.Token);
        }
    }
}
