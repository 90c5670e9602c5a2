using System.Globalization;
using System.Text.RegularExpressions;
using DevOps.Core.Access;
using DevOps.Core.Credentials;
using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Core.Notifications;
using DevOps.Core.Projects;
using DevOps.Core.Releases;
using DevOps.Core.Servers;
using DevOps.Core.Webhooks;
using DevOps.Infrastructure.Access;
using DevOps.Infrastructure.Notifications;
using DevOps.Tests.Fakes;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Blazor.Access.Walk;

/// <summary>One of everything, fresh for each visit: whatever a visitor breaks, the next one finds whole. All of it bears <see cref="Mark"/>.</summary>
internal sealed partial class AccessWorld
{
    private static int _number;

    private AccessWorld(int number)
    {
        Mark = string.Create(CultureInfo.InvariantCulture, $"walk-{number}");
        Inside = string.Create(CultureInfo.InvariantCulture, $"inside-{number}");
    }

    /// <summary>Name and key of everything here, as it stands in addresses.</summary>
    public string Mark { get; }

    /// <summary>Stands in whatever the project holds and in no address: who may not see the project must not find it in any answer.</summary>
    public string Inside { get; }

    public long ProjectId { get; private set; }

    public long DeploymentId { get; private set; }

    public long DeliveryId { get; private set; }

    /// <summary>Makes a world and gives the visitor the role there that it has.</summary>
    public static Task<AccessWorld> MakeAsync(RoomsApi app, Visitor visitor) => MakeAsync(app, app.Hosts, visitor);

    /// <summary>Makes a world in another application, with its servers in memory.</summary>
    public static async Task<AccessWorld> MakeAsync(ApiFixture app, FakeRemoteHosts hosts, Visitor visitor)
    {
        var world = new AccessWorld(Interlocked.Increment(ref _number));
        await using var db = await app.Contexts.CreateDbContextAsync();
        await world.SeedAsync(db);
        await app.Services.GetRequiredService<CreateChannel>().RunAsync(
            Actor.Platform, new ChannelDraft { Name = world.Mark, Kind = ChannelKind.Webhook, Url = "http://127.0.0.1:1/", Events = ["rejected"] }, CancellationToken.None);
        hosts.Keys[$"{world.Mark}.example"] = [Rooms.HostKey('w')];
        if (visitor.SignedIn)
        {
            await app.TokenAsync(visitor.Name, visitor.Platform);
            var account = await db.Users.SingleAsync(a => a.UserName == visitor.Name);
            await world.AdmitAsync(db, visitor, account.Id);
            app.Services.GetRequiredService<ActorReader>().Forget(account.Id);
        }

        return world;
    }

    /// <summary>Puts the world's things into a route.</summary>
    public string Fill(string route)
    {
        var of = "";
        return string.Join('/', route.Split('/').Select(part => part.Contains('{', StringComparison.Ordinal) ? Parameter().Replace(part, match => Value(of, match.Groups["name"].Value)) : of = part));
    }

    /// <summary>Puts the world's name into a body.</summary>
    public string? FillBody(string? body) => body?.Replace("MARK", Mark, StringComparison.Ordinal);

    private string Value(string of, string parameter) => of switch
    {
        "deployments" => DeploymentId.ToString(CultureInfo.InvariantCulture),
        "deliveries" => DeliveryId.ToString(CultureInfo.InvariantCulture),
        "webhooks" when parameter is "provider" => "github",
        "openapi" => "v1",
        _ when parameter is "Tab" => "releases",
        _ when parameter.EndsWith(":int", StringComparison.Ordinal) || parameter.EndsWith(":long", StringComparison.Ordinal) => "1",
        _ when parameter.EndsWith(":guid", StringComparison.Ordinal) => "00000000-0000-0000-0000-000000000001",
        _ => Mark,
    };

    private async Task SeedAsync(DbContext db)
    {
        var credential = new Credential { Name = Mark, Kind = CredentialKind.Password, Ciphertext = [1] };
        var project = new Project
        {
            Key = Mark,
            Name = Inside,
            Description = Inside,
            Repository = new RepositorySpec { Url = $"https://git.example/{Inside}.git" },
            Build = new BuildSpec { Image = "node:22", Script = ["true"], Artifacts = ["**"] },
            Deploy = new DeploySpec { Path = $"/srv/{Mark}" },
        };
        var account = new Account { Id = Guid.NewGuid(), UserName = Mark, NormalizedUserName = Mark.ToUpperInvariant(), DisplayName = Mark, SecurityStamp = Mark, ConcurrencyStamp = Mark };
        db.AddRange(credential, project, account);
        await db.SaveChangesAsync();
        ProjectId = project.Id;
        var environment = new DeploymentEnvironment { ProjectId = ProjectId, Name = Mark, Position = 1, Servers = [Mark] };
        var server = new Server { Name = Mark, Host = $"{Mark}.example", User = "deploy", CredentialId = credential.Id };
        db.AddRange(
            environment,
            server,
            new Release { ProjectId = ProjectId, Number = 1, CommitSha = new string('a', 40), CommitMessage = Inside, BuildFingerprint = "b", Sha256 = new string('c', 64) });
        await db.SaveChangesAsync();
        var deployment = new Deployment { ProjectId = ProjectId, EnvironmentId = environment.Id, RequestedBy = Mark, CommitMessage = Inside, Note = Inside };
        db.Add(deployment);
        await db.SaveChangesAsync();
        DeploymentId = deployment.Id;
        db.Add(new DevOps.Core.Schedules.Schedule { ProjectId = ProjectId, EnvironmentId = environment.Id, Name = Mark, Cron = "0 3 * * *", TimeZone = "UTC", LastResult = Inside });
        var delivery = new Delivery { ProjectId = ProjectId, Verdict = Inside, Event = "ping", Outcome = DeliveryOutcome.Ignored, Body = "{}"u8.ToArray() };
        db.Add(delivery);
        db.Add(new Application { EnvironmentId = environment.Id, ServerId = server.Id, Path = $"/srv/{Mark}", Release = 1, DeploymentId = DeploymentId });
        await db.SaveChangesAsync();
        DeliveryId = delivery.Id;
    }

    private async Task AdmitAsync(DbContext db, Visitor visitor, Guid account)
    {
        await db.Set<ProjectMember>().Where(m => m.AccountId == account).ExecuteDeleteAsync();
        if (visitor.Member > Role.None)
        {
            db.Add(new ProjectMember { AccountId = account, ProjectId = ProjectId, Role = visitor.Member });
        }

        if (visitor.Elsewhere > Role.None)
        {
            var key = $"other-{ProjectId.ToString(CultureInfo.InvariantCulture)}";
            var other = new Project { Key = key, Name = key, Repository = new RepositorySpec { Url = "https://git.example/other.git" }, Build = new BuildSpec(), Deploy = new DeploySpec { Path = "/srv/other" } };
            db.Add(other);
            await db.SaveChangesAsync();
            db.Add(new ProjectMember { AccountId = account, ProjectId = other.Id, Role = visitor.Elsewhere });
        }

        await db.SaveChangesAsync();
    }

    [GeneratedRegex(@"\{(?<name>[^}]+)\}", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Parameter();
}
