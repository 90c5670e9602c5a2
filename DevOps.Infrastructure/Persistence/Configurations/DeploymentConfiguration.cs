using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Core.Projects;
using DevOps.Core.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DevOps.Infrastructure.Persistence.Configurations;

internal sealed class DeploymentConfiguration : IEntityTypeConfiguration<Deployment>
{
    public void Configure(EntityTypeBuilder<Deployment> builder)
    {
        builder.ToTable("deployments");
        builder.Property(d => d.Status).AsWord().IsConcurrencyToken();
        builder.Property(d => d.Trigger).AsWord().HasColumnName("cause");
        builder.Property(d => d.Rollback).AsWord();
        builder.Property(d => d.RequestedBy).HasMaxLength(256);
        builder.Property(d => d.RequestedRef).HasMaxLength(250);
        builder.Property(d => d.CommitSha).HasMaxLength(64);
        builder.Property(d => d.CommitMessage).HasMaxLength(500);
        builder.Property(d => d.CommitAuthor).HasMaxLength(200);
        builder.Property(d => d.CommitRef).HasMaxLength(250);
        builder.Property(d => d.Note).HasMaxLength(2000);
        builder.Property(d => d.Error).HasMaxLength(8000);
        builder.Property(d => d.ErrorSentence).AsJson();
        builder.Property(d => d.ApprovalRole).AsWord();
        builder.Property(d => d.Pause).AsWord();
        builder.Property(d => d.ConfirmedBy).HasMaxLength(256);
        builder.Property(d => d.TakeBackBy).HasMaxLength(256);
        builder.Property(d => d.CancelRequestedBy).HasMaxLength(256);
        builder.HasIndex(d => new { d.ProjectId, d.Id });
        builder.HasIndex(d => new { d.EnvironmentId, d.Id });
        builder.HasOne<Project>().WithMany().HasForeignKey(d => d.ProjectId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<DeploymentEnvironment>().WithMany().HasForeignKey(d => d.EnvironmentId).OnDelete(DeleteBehavior.Cascade);
        builder.HasMany(d => d.Servers).WithOne().HasForeignKey(s => s.DeploymentId).OnDelete(DeleteBehavior.Cascade);
        builder.HasMany(d => d.Approvals).WithOne().HasForeignKey(a => a.DeploymentId).OnDelete(DeleteBehavior.Cascade);
        builder.HasMany(d => d.Steps).WithOne().HasForeignKey(s => s.DeploymentId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class DeploymentConfigConfiguration : IEntityTypeConfiguration<DeploymentConfig>
{
    public void Configure(EntityTypeBuilder<DeploymentConfig> builder)
    {
        builder.ToTable("deployment_configs");
        builder.HasKey(c => c.DeploymentId);
        builder.Property(c => c.DeploymentId).ValueGeneratedNever();
        builder.Property(c => c.Config).AsJson();
        builder.HasOne<Deployment>().WithOne().HasForeignKey<DeploymentConfig>(c => c.DeploymentId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class ApprovalConfiguration : IEntityTypeConfiguration<Approval>
{
    public void Configure(EntityTypeBuilder<Approval> builder)
    {
        builder.ToTable("approvals");
        builder.Property(a => a.By).HasMaxLength(256);
        builder.Property(a => a.Decision).AsWord();
        builder.Property(a => a.Comment).HasMaxLength(2000);
        builder.HasIndex(a => new { a.DeploymentId, a.By }).IsUnique();
    }
}

internal sealed class DeploymentServerConfiguration : IEntityTypeConfiguration<DeploymentServer>
{
    public void Configure(EntityTypeBuilder<DeploymentServer> builder)
    {
        builder.ToTable("deployment_servers");
        builder.Property(s => s.Name).HasMaxLength(40);
        builder.Property(s => s.Status).AsWord();
        builder.Property(s => s.Error).HasMaxLength(8000);
        builder.Property(s => s.ErrorSentence).AsJson();
        builder.HasIndex(s => new { s.DeploymentId, s.Name }).IsUnique();
        builder.HasIndex(s => new { s.ServerId, s.Id });
        builder.HasOne<Server>().WithMany().HasForeignKey(s => s.ServerId).OnDelete(DeleteBehavior.SetNull);
    }
}

internal sealed class DeploymentStepConfiguration : IEntityTypeConfiguration<DeploymentStep>
{
    public void Configure(EntityTypeBuilder<DeploymentStep> builder)
    {
        builder.ToTable("deployment_steps");
        builder.Property(s => s.Name).AsWord();
        builder.Property(s => s.Server).HasMaxLength(40);
        builder.Property(s => s.Status).AsWord();
        builder.HasIndex(s => new { s.DeploymentId, s.Position });
    }
}
