using DevOps.Core.Logs;
using DevOps.Tests.Infrastructure.Logs;

namespace DevOps.Tests.Blazor.Logs;

/// <summary>A deployment as they are, to look at.</summary>
internal static class Story
{
    public static async Task<long> FailedAsync(LogBrowserFixture browser)
    {
        var id = await browser.DeploymentAsync("running");
        (string Name, string? Server, string Status, long? FirstLine, int? Exit)[] steps;
        await using (var log = await browser.Logs.OpenAsync(id, [], fence: null, CancellationToken.None))
        {
            var at = new List<long>();
            async Task StepAsync(string name, string? server, string text, string errors = "")
            {
                at.Add(log.NextLine);
                await log.For(name, server).WriteAsync(LogStream.Out, LogRoom.Bytes(text), CancellationToken.None);
                await log.For(name, server).WriteAsync(LogStream.Err, LogRoom.Bytes(errors), CancellationToken.None);
            }

            await StepAsync("checkout", null, "fetching main from git@git.example:shop/web\n");
            await log.For("checkout", null).SayAsync("commit a41f9c2 Fix rounding in the basket total", CancellationToken.None);
            await StepAsync("build", null, "\u001b[36mvite v7.1.3\u001b[0m building for production…\n✓ 1204 modules transformed.\n" + string.Concat(Enumerable.Range(1, 24).Select(n => $"dist/assets/\u001b[1mchunk-{n:00}\u001b[0m-C7dk1.js   84.20 kB │ gzip: 27.11 kB\n")) + "\u001b[32m✓ built in 22.41s\u001b[0m\n", "\u001b[33mwarning: option 'cache' is deprecated\u001b[0m\n");
            await StepAsync("package", null, "");
            await log.For("package", null).SayAsync("412 files, 18.3 MB, sha256 9c1e42d1b7", CancellationToken.None);
            await StepAsync("upload", "app-1", "9 of 412 files changed, 1.1 MB sent, 403 linked from release 56\n");
            await StepAsync("activate", "app-1", "current → releases/57\n");
            await StepAsync("restart", "app-1", "$ systemctl restart shop\n");
            await StepAsync("health", "app-1", "asking http://app-1:3000/healthz\n", "curl: (7) Failed to connect to app-1 port 3000: Connection refused\n");
            await StepAsync("rollback", "app-1", "current → releases/56\n");
            await log.CompleteAsync(CancellationToken.None);
            steps =
            [
                ("checkout", null, "succeeded", at[0], null), ("build", null, "succeeded", at[1], 0), ("package", null, "succeeded", at[2], null),
                ("upload", "app-1", "succeeded", at[3], null), ("activate", "app-1", "succeeded", at[4], null), ("restart", "app-1", "succeeded", at[5], 0),
                ("health", "app-1", "failed", at[6], 7), ("rollback", "app-1", "succeeded", at[7], null), ("cleanup", "app-1", "skipped", null, null),
            ];
        }

        for (var i = 0; i < steps.Length; i++)
        {
            await browser.AddStepAsync(id, i, steps[i]);
        }

        await LogRows.ExecuteAsync(browser.App.Postgres.DataSource, $"""
            UPDATE deployments SET status = 'failed', finished_at = now(), started_at = now() - interval '64 seconds', release = 57, commit_sha = 'a41f9c2d40b1c7a8e9f00112233445566778899a',
                commit_message = 'Fix rounding in the basket total', commit_author = 'Lin Wei', commit_ref = 'main', rollback = 'complete',
                error = 'Health of app-1: no good answer after 10 tries (curl: Connection refused).' WHERE id = {id};
            INSERT INTO deployment_servers (deployment_id, name, position, status, release, previous_release, switched, previous_known, error, passed_over) VALUES ({id}, 'app-1', 0, 'rolledBack', 56, 56, false, true, 'no good answer', false)
            """);
        return id;
    }

    /// <summary>The story of the design's picture: the second of three servers is being asked.</summary>
    public static async Task<long> RunningAsync(LogBrowserFixture browser)
    {
        var id = await browser.DeploymentAsync("running");
        await using var log = await browser.Logs.OpenAsync(id, [], fence: null, CancellationToken.None);
        var position = 0;
        async Task StepAsync(string name, string? server, string status, string text)
        {
            await browser.AddStepAsync(id, position++, (name, server, status, status is "pending" ? null : log.NextLine, status is "succeeded" ? 0 : null));
            await log.For(name, server).WriteAsync(LogStream.Out, LogRoom.Bytes(text), CancellationToken.None);
        }

        await StepAsync("checkout", null, "succeeded", "fetching main\n");
        await StepAsync("build", null, "succeeded", "\u001b[36mvite v7.1.3\u001b[0m building for production…\n✓ 1204 modules transformed.\ndist/assets/\u001b[1mbasket\u001b[0m-C7dk1.js   84.20 kB │ gzip: 27.11 kB\n\u001b[32m✓ built in 22.41s\u001b[0m\n");
        await StepAsync("package", null, "succeeded", "412 files, 18.3 MB, sha256 9c1e42d1b7\n");
        foreach (var server in new[] { "app-1", "app-2", "app-3" })
        {
            var done = server is "app-3" ? "pending" : "succeeded";
            await StepAsync("upload", server, done, done is "pending" ? "" : "9 of 412 files changed, 1.1 MB sent, 403 linked from release 56\n");
            await StepAsync("activate", server, done, done is "pending" ? "" : "current → releases/57\n");
            await StepAsync("restart", server, done, done is "pending" ? "" : "$ systemctl restart shop\n");
            await StepAsync("health", server, server is "app-2" ? "running" : done, server switch
            {
                "app-1" => "\u001b[32mhealth: 200 in 41 ms\u001b[0m\n",
                "app-2" => "\u001b[33mhealth: connection refused, try 1 of 10\n\u001b[33mhealth: connection refused, try 2 of 10\u001b[0m\n",
                _ => "",
            });
        }

        await StepAsync("cleanup", "app-1", "pending", "");
        await log.FlushAsync(CancellationToken.None);
        await LogRows.ExecuteAsync(browser.App.Postgres.DataSource, $"""
            UPDATE deployments SET started_at = now() - interval '64 seconds', release = 57, commit_sha = 'a41f9c2d40b1c7a8e9f00112233445566778899a',
                commit_message = 'Fix rounding in the basket total', commit_author = 'Lin Wei', commit_ref = 'main' WHERE id = {id};
            INSERT INTO deployment_servers (deployment_id, name, position, status, release, previous_release, switched, previous_known, passed_over) VALUES
                ({id}, 'app-1', 0, 'succeeded', 57, 56, true, true, false), ({id}, 'app-2', 1, 'running', 57, 56, true, true, false), ({id}, 'app-3', 2, 'pending', 56, 56, false, true, false);
            INSERT INTO deployments (project_id, environment_id, status, cause, requested_by, requested_ref, requested_servers, note, created_at, started_at, finished_at, rollback, log_complete, approvals_required, approval_role, override_freeze, pause)
            SELECT project_id, environment_id, 'succeeded', 'manual', 'lin', 'main', ARRAY[]::text[], '', now(), now() - interval '90 seconds', now(), 'none', true, 0, 'maintainer', false, 'none' FROM deployments WHERE id = {id};
            UPDATE deployments SET id = -{id} WHERE id = (SELECT max(id) FROM deployments)
            """);
        return id;
    }
}
