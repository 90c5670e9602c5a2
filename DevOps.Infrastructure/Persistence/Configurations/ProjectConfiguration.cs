using DevOps.Core.Environments;
using DevOps.Core.Projects;
using DevOps.Core.Releases;
using DevOps.Core.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DevOps.Infrastructure.Persistence.Configurations;

internal sealed class ProjectConfiguration : IEntityTypeConfiguration<Project>
{
    public void Configure(EntityTypeBuilder<Project> builder)
    {
        builder.ToTable("projects");
        builder.Property(p => p.Key).HasMaxLength(40);
        builder.Property(p => p.Name).HasMaxLength(100);
        builder.Property(p => p.Description).HasMaxLength(2000);
        builder.Property(p => p.Repository).AsJson();
        builder.Property(p => p.Build).AsJson();
        builder.Property(p => p.Deploy).AsJson();
        builder.Property(p => p.Triggers).AsJson();
        builder.Property(p => p.Revision).IsConcurrencyToken();
        builder.HasIndex(p => p.Key).IsUnique();
    }
}

internal sealed class EnvironmentConfiguration : IEntityTypeConfiguration<DeploymentEnvironment>
{
    public void Configure(EntityTypeBuilder<DeploymentEnvironment> builder)
    {
        builder.ToTable("environments");
        builder.Property(e => e.Name).HasMaxLength(40);
        builder.Property(e => e.Variables).AsJson();
        builder.Property(e => e.Files).AsJson();
        builder.Property(e => e.Approvals).AsJson();
        builder.Property(e => e.PromoteFrom).HasMaxLength(40);
        builder.Property(e => e.Freezes).AsJson();
        builder.Property(e => e.FreezeWeekly).AsJson();
        builder.Property(e => e.LockedBy).HasMaxLength(256);
        builder.Property(e => e.LockReason).HasMaxLength(500);
        builder.Property(e => e.Revision).IsConcurrencyToken();
        builder.HasIndex(e => new { e.ProjectId, e.Name }).IsUnique();
        builder.HasOne<Project>().WithMany().HasForeignKey(e => e.ProjectId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class ApplicationConfiguration : IEntityTypeConfiguration<Application>
{
    public void Configure(EntityTypeBuilder<Application> builder)
    {
        builder.ToTable("applications");
        builder.Property(a => a.Path).HasMaxLength(500);
        builder.Ignore(a => a.HasDrifted);
        builder.HasIndex(a => new { a.EnvironmentId, a.ServerId }).IsUnique();
        builder.HasOne<DeploymentEnvironment>().WithMany().HasForeignKey(a => a.EnvironmentId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<Server>().WithMany().HasForeignKey(a => a.ServerId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class ReleaseConfiguration : IEntityTypeConfiguration<Release>
{
    public void Configure(EntityTypeBuilder<Release> builder)
    {
        builder.ToTable("releases");
        builder.Property(r => r.CommitSha).HasMaxLength(64);
        builder.Property(r => r.CommitMessage).HasMaxLength(500);
        builder.Property(r => r.CommitAuthor).HasMaxLength(200);
        builder.Property(r => r.CommitRef).HasMaxLength(250);
        builder.Property(r => r.BuildFingerprint).HasMaxLength(64);
        builder.Property(r => r.DeployPart).HasColumnType("jsonb");
        builder.Property(r => r.Sha256).HasMaxLength(64);
        builder.HasIndex(r => new { r.ProjectId, r.Number }).IsUnique();
        builder.HasIndex(r => new { r.ProjectId, r.CommitSha, r.BuildFingerprint });
        builder.HasOne<Project>().WithMany().HasForeignKey(r => r.ProjectId).OnDelete(DeleteBehavior.Cascade);
    }
}
