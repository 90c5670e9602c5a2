using System.Text.Json;
using DevOps.Core.Audit;
using DevOps.Core.Credentials;
using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Core.Events;
using DevOps.Core.Notifications;
using DevOps.Core.Projects;
using DevOps.Core.Queue;
using DevOps.Core.Releases;
using DevOps.Core.Schedules;
using DevOps.Core.Secrets;
using DevOps.Core.Servers;
using DevOps.Core.Webhooks;
using DevOps.Infrastructure.Access;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Webhooks;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace DevOps.Infrastructure.Persistence;

/// <summary>The tables. Always asked of the factory for one action and disposed with it: the factory gives it out again.</summary>
public sealed class DevOpsDbContext : IdentityUserContext<Account, Guid>
{
    private readonly ChangeNotes _notes = new();

    public DevOpsDbContext(DbContextOptions<DevOpsDbContext> options)
        : base(options)
    {
        // What a save refuses ends the whole transaction here: nobody goes on in it, and two round trips for each save are spared.
        Database.AutoSavepointsEnabled = false;
    }

    public DbSet<ProjectMember> ProjectMembers => Set<ProjectMember>();

    public DbSet<PersonalToken> PersonalTokens => Set<PersonalToken>();

    public DbSet<BrowserSession> BrowserSessions => Set<BrowserSession>();

    public DbSet<SigningKey> SigningKeys => Set<SigningKey>();

    public DbSet<Project> Projects => Set<Project>();

    public DbSet<DeploymentEnvironment> Environments => Set<DeploymentEnvironment>();

    public DbSet<Application> Applications => Set<Application>();

    public DbSet<Server> Servers => Set<Server>();

    public DbSet<Credential> Credentials => Set<Credential>();

    public DbSet<Secret> Secrets => Set<Secret>();

    public DbSet<Release> Releases => Set<Release>();

    public DbSet<Deployment> Deployments => Set<Deployment>();

    public DbSet<DeploymentConfig> DeploymentConfigs => Set<DeploymentConfig>();

    public DbSet<DeploymentServer> DeploymentServers => Set<DeploymentServer>();

    public DbSet<DeploymentStep> DeploymentSteps => Set<DeploymentStep>();

    public DbSet<DeploymentEvent> DeploymentEvents => Set<DeploymentEvent>();

    public DbSet<Delivery> Deliveries => Set<Delivery>();

    public DbSet<WebhookSecret> WebhookSecrets => Set<WebhookSecret>();

    public DbSet<Approval> Approvals => Set<Approval>();

    public DbSet<NotificationChannel> NotificationChannels => Set<NotificationChannel>();

    public DbSet<NotificationDelivery> NotificationDeliveries => Set<NotificationDelivery>();

    public DbSet<DeploymentCount> DeploymentCounts => Set<DeploymentCount>();

    public DbSet<AuditCount> AuditCounts => Set<AuditCount>();

    public DbSet<Schedule> Schedules => Set<Schedule>();

    public DbSet<Job> Jobs => Set<Job>();

    public DbSet<LogChunk> LogChunks => Set<LogChunk>();

    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();

    public DbSet<Setting> Settings => Set<Setting>();

    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    /// <summary>In a query: the number the next deployment gets, another one for every row.</summary>
    public static long NextDeploymentId() => throw new InvalidOperationException("Only the database can tell.");

    /// <summary>In a query: the number the next job gets, another one for every row.</summary>
    public static long NextJobId() => throw new InvalidOperationException("Only the database can tell.");

    /// <summary>An environment, held against change until the transaction ends.</summary>
    public IQueryable<DeploymentEnvironment> HoldEnvironment(long id) => FromExpression(() => HoldEnvironment(id));

    /// <summary>The environments of a project that deploy by themselves, held against change until the transaction ends.</summary>
    public IQueryable<DeploymentEnvironment> HoldFollowingEnvironments(long projectId) => FromExpression(() => HoldFollowingEnvironments(projectId));

    /// <summary>The environment of a deployment, held together with the job of the turn that deals with it; none when the turn has lost its job.</summary>
    public IQueryable<DeploymentEnvironment> HoldEnvironmentOfTurn(long deploymentId, long jobId, int attempt, string worker) =>
        FromExpression(() => HoldEnvironmentOfTurn(deploymentId, jobId, attempt, worker));

    /// <summary>The servers of these names and those with one of these tags.</summary>
    public IQueryable<Server> ServersOf(List<string> names, List<string> tags) => FromExpression(() => ServersOf(names, tags));

    /// <summary>Saves; settings that change are noted for the audit line of the same action.</summary>
    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        _notes.Take(ChangeTracker);

        // Looking for notes has found every change; it is not done a second time.
        ChangeTracker.AutoDetectChangesEnabled = false;
        try
        {
            return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
        }
        finally
        {
            ChangeTracker.AutoDetectChangesEnabled = true;
        }
    }

    /// <summary>Notes for the audit line of the same action what the rows do not show: parts of a setting that is one text, names behind ids.</summary>
    /// <param name="field">Path of the field as the HTTP interface spells it; empty for the parts of an object.</param>
    /// <param name="before">What stood there.</param>
    /// <param name="after">What stands there now.</param>
    internal void NoteChange<T>(string field, T? before, T? after) =>
        _notes.Compare(field, JsonSerializer.SerializeToNode(before, Json.Options), JsonSerializer.SerializeToNode(after, Json.Options));

    /// <summary>Notes that a secret changed, without it.</summary>
    /// <param name="field">Path of the field.</param>
    /// <param name="before">What stood there; empty for nothing.</param>
    /// <param name="after">What stands there now; empty for nothing.</param>
    internal void NoteSecret(string field, string before, string after)
    {
        if (!string.Equals(before, after, StringComparison.Ordinal))
        {
            _notes.Hide(field, before.Length > 0, after.Length > 0);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _notes.Forget();
        base.Dispose();
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _notes.Forget();
        return base.DisposeAsync();
    }

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.ApplyConfigurationsFromAssembly(typeof(DevOpsDbContext).Assembly);
        builder.HasDbFunction(() => NextDeploymentId()).HasName("next_deployment_id");
        builder.HasDbFunction(() => NextJobId()).HasName("next_job_id");
        builder.HasDbFunction(() => HoldEnvironment(default)).HasName("hold_environment");
        builder.HasDbFunction(() => HoldFollowingEnvironments(default)).HasName("hold_following_environments");
        builder.HasDbFunction(() => HoldEnvironmentOfTurn(default, default, default, "")).HasName("hold_environment_of_turn");
        builder.HasDbFunction(() => ServersOf(new List<string>(), new List<string>())).HasName("servers_of");
        builder.Entity<IdentityUserClaim<Guid>>().ToTable("account_claims");
        builder.Entity<IdentityUserLogin<Guid>>().ToTable("account_logins");
        builder.Entity<IdentityUserToken<Guid>>().ToTable("account_tokens");
        foreach (var entity in builder.Model.GetEntityTypes())
        {
            NameInSnakeCase(entity);
        }
    }

    // PostgreSQL folds unquoted names to lower case; snake_case keeps hand-written SQL free of quotes.
    private static void NameInSnakeCase(IMutableEntityType entity)
    {
        entity.SetTableName(Snake(entity.GetTableName()!));
        foreach (var property in entity.GetProperties())
        {
            property.SetColumnName(Snake(property.GetColumnName()));
        }

        foreach (var key in entity.GetKeys())
        {
            key.SetName(Snake(key.GetName()!));
        }

        foreach (var key in entity.GetForeignKeys())
        {
            key.SetConstraintName(Snake(key.GetConstraintName()!));
        }

        foreach (var index in entity.GetIndexes())
        {
            index.SetDatabaseName(Snake(index.GetDatabaseName()!));
        }
    }

    private static string Snake(string name)
    {
        var text = new System.Text.StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && char.IsLower(name[i - 1]))
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }
}
