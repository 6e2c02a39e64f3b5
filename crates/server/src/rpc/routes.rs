//! The table of calls: what answers each of them.
//!
//! `read` runs in place and ends with the client's interest; `change` runs to its end even when the client hangs
//! up; `refuse` answers that the call is not supported and what to use instead.

use super::service::{Service, refusal};
use super::{query, search, write};
use crate::guard;
use elanus_proto::common::Status;
use elanus_proto::feder;
use elanus_proto::milvus as m;
use elanus_proto::milvus::milvus_service_server::MilvusService;
use std::pin::Pin;
use tonic::codegen::tokio_stream::Stream;
use tonic::{Request, Response, Streaming};

type Answer<R> = Result<Response<R>, tonic::Status>;

macro_rules! handle {
    (read, $service:expr, $name:expr, $request:expr, $handler:expr) => {{
        let (call, message) = $service.open($request);
        guard::answer($name, $handler(call, message)).await
    }};
    (change, $service:expr, $name:expr, $request:expr, $handler:expr) => {{
        let (call, message) = $service.open($request);
        guard::answer_to_the_end($name, $handler(call, message)).await
    }};
    (refuse, $service:expr, $name:expr, $request:expr, $instead:expr) => {{
        drop($request);
        guard::answer($name, async { Err(refusal($name, $instead)) }).await
    }};
}

#[cfg(test)]
macro_rules! supported {
    (refuse) => {
        false
    };
    ($other:ident) => {
        true
    };
}

macro_rules! routes {
    ($($kind:ident $name:ident $method:ident($request:ty) -> $reply:ty = $what:expr;)*) => {
        #[tonic::async_trait]
        impl MilvusService for Service {
            $(async fn $method(&self, request: Request<$request>) -> Answer<$reply> {
                Ok(Response::new(handle!($kind, self, stringify!($name), request, $what)))
            })*

            type CreateReplicateStreamStream = Refused<m::ReplicateResponse>;
            async fn create_replicate_stream(
                &self,
                _: Request<Streaming<m::ReplicateRequest>>,
            ) -> Answer<Self::CreateReplicateStreamStream> {
                Err(refused_stream("CreateReplicateStream"))
            }

            type DumpMessagesStream = Refused<m::DumpMessagesResponse>;
            async fn dump_messages(&self, _: Request<m::DumpMessagesRequest>) -> Answer<Self::DumpMessagesStream> {
                Err(refused_stream("DumpMessages"))
            }
        }

        /// Every call that answers once, and whether it is supported.
        #[cfg(test)]
        #[allow(dead_code)]
        pub(crate) const ROUTES: &[(&str, bool)] = &[$((stringify!($name), supported!($kind))),*];
    };
}

type Refused<R> = Pin<Box<dyn Stream<Item = Result<R, tonic::Status>> + Send>>;

/// A stream has no answer that could carry a status: these two calls alone are refused on the gRPC level.
fn refused_stream(method: &str) -> tonic::Status {
    tonic::Status::unimplemented(refusal(method, "Elanus has no change stream").message())
}

routes! {
    refuse Dummy dummy(m::DummyRequest) -> m::DummyResponse = "it is under way";
    refuse RegisterLink register_link(m::RegisterLinkRequest) -> m::RegisterLinkResponse = "it is under way";
    refuse GetMetrics get_metrics(m::GetMetricsRequest) -> m::GetMetricsResponse = "it is under way";
    refuse GetComponentStates get_component_states(m::GetComponentStatesRequest) -> m::ComponentStates = "it is under way";
    refuse GetVersion get_version(m::GetVersionRequest) -> m::GetVersionResponse = "it is under way";
    refuse CheckHealth check_health(m::CheckHealthRequest) -> m::CheckHealthResponse = "it is under way";
    refuse Connect connect(m::ConnectRequest) -> m::ConnectResponse = "it is under way";
    refuse AllocTimestamp alloc_timestamp(m::AllocTimestampRequest) -> m::AllocTimestampResponse = "it is under way";

    refuse CreateDatabase create_database(m::CreateDatabaseRequest) -> Status = "it is under way";
    refuse DropDatabase drop_database(m::DropDatabaseRequest) -> Status = "it is under way";
    refuse ListDatabases list_databases(m::ListDatabasesRequest) -> m::ListDatabasesResponse = "it is under way";
    refuse AlterDatabase alter_database(m::AlterDatabaseRequest) -> Status = "it is under way";
    refuse DescribeDatabase describe_database(m::DescribeDatabaseRequest) -> m::DescribeDatabaseResponse = "it is under way";

    refuse CreateCollection create_collection(m::CreateCollectionRequest) -> Status = "it is under way";
    refuse DropCollection drop_collection(m::DropCollectionRequest) -> Status = "it is under way";
    refuse HasCollection has_collection(m::HasCollectionRequest) -> m::BoolResponse = "it is under way";
    refuse DescribeCollection describe_collection(m::DescribeCollectionRequest) -> m::DescribeCollectionResponse = "it is under way";
    refuse BatchDescribeCollection batch_describe_collection(m::BatchDescribeCollectionRequest) -> m::BatchDescribeCollectionResponse = "it is under way";
    refuse GetCollectionStatistics get_collection_statistics(m::GetCollectionStatisticsRequest) -> m::GetCollectionStatisticsResponse = "it is under way";
    refuse ShowCollections show_collections(m::ShowCollectionsRequest) -> m::ShowCollectionsResponse = "it is under way";
    refuse AlterCollection alter_collection(m::AlterCollectionRequest) -> Status = "it is under way";
    refuse AlterCollectionField alter_collection_field(m::AlterCollectionFieldRequest) -> Status = "it is under way";
    refuse AddCollectionFunction add_collection_function(m::AddCollectionFunctionRequest) -> Status = "it is under way";
    refuse AlterCollectionFunction alter_collection_function(m::AlterCollectionFunctionRequest) -> Status = "it is under way";
    refuse DropCollectionFunction drop_collection_function(m::DropCollectionFunctionRequest) -> Status = "it is under way";
    refuse TruncateCollection truncate_collection(m::TruncateCollectionRequest) -> m::TruncateCollectionResponse = "it is under way";
    refuse AddCollectionField add_collection_field(m::AddCollectionFieldRequest) -> Status = "it is under way";
    refuse AddCollectionStructField add_collection_struct_field(m::AddCollectionStructFieldRequest) -> Status = "it is under way";
    refuse RenameCollection rename_collection(m::RenameCollectionRequest) -> Status = "it is under way";
    refuse AlterCollectionSchema alter_collection_schema(m::AlterCollectionSchemaRequest) -> m::AlterCollectionSchemaResponse = "it is under way";

    refuse CreatePartition create_partition(m::CreatePartitionRequest) -> Status = "it is under way";
    refuse DropPartition drop_partition(m::DropPartitionRequest) -> Status = "it is under way";
    refuse HasPartition has_partition(m::HasPartitionRequest) -> m::BoolResponse = "it is under way";
    refuse LoadPartitions load_partitions(m::LoadPartitionsRequest) -> Status = "it is under way";
    refuse ReleasePartitions release_partitions(m::ReleasePartitionsRequest) -> Status = "it is under way";
    refuse GetPartitionStatistics get_partition_statistics(m::GetPartitionStatisticsRequest) -> m::GetPartitionStatisticsResponse = "it is under way";
    refuse ShowPartitions show_partitions(m::ShowPartitionsRequest) -> m::ShowPartitionsResponse = "it is under way";

    refuse CreateAlias create_alias(m::CreateAliasRequest) -> Status = "it is under way";
    refuse DropAlias drop_alias(m::DropAliasRequest) -> Status = "it is under way";
    refuse AlterAlias alter_alias(m::AlterAliasRequest) -> Status = "it is under way";
    refuse DescribeAlias describe_alias(m::DescribeAliasRequest) -> m::DescribeAliasResponse = "it is under way";
    refuse ListAliases list_aliases(m::ListAliasesRequest) -> m::ListAliasesResponse = "it is under way";

    refuse CreateIndex create_index(m::CreateIndexRequest) -> Status = "it is under way";
    refuse AlterIndex alter_index(m::AlterIndexRequest) -> Status = "it is under way";
    refuse DescribeIndex describe_index(m::DescribeIndexRequest) -> m::DescribeIndexResponse = "it is under way";
    refuse GetIndexStatistics get_index_statistics(m::GetIndexStatisticsRequest) -> m::GetIndexStatisticsResponse = "it is under way";
    refuse GetIndexState get_index_state(m::GetIndexStateRequest) -> m::GetIndexStateResponse = "it is under way";
    refuse GetIndexBuildProgress get_index_build_progress(m::GetIndexBuildProgressRequest) -> m::GetIndexBuildProgressResponse = "it is under way";
    refuse DropIndex drop_index(m::DropIndexRequest) -> Status = "it is under way";
    refuse ListIndexedSegment list_indexed_segment(feder::ListIndexedSegmentRequest) -> feder::ListIndexedSegmentResponse = "it is under way";
    refuse DescribeSegmentIndexData describe_segment_index_data(feder::DescribeSegmentIndexDataRequest) -> feder::DescribeSegmentIndexDataResponse = "it is under way";

    refuse LoadCollection load_collection(m::LoadCollectionRequest) -> Status = "it is under way";
    refuse ReleaseCollection release_collection(m::ReleaseCollectionRequest) -> Status = "it is under way";
    refuse Prewarm prewarm(m::PrewarmRequest) -> m::PrewarmResponse = "it is under way";
    refuse DescribePrewarmTask describe_prewarm_task(m::DescribePrewarmTaskRequest) -> m::DescribePrewarmTaskResponse = "it is under way";
    refuse GetLoadingProgress get_loading_progress(m::GetLoadingProgressRequest) -> m::GetLoadingProgressResponse = "it is under way";
    refuse GetLoadState get_load_state(m::GetLoadStateRequest) -> m::GetLoadStateResponse = "it is under way";
    refuse GetReplicas get_replicas(m::GetReplicasRequest) -> m::GetReplicasResponse = "it is under way";
    refuse LoadBalance load_balance(m::LoadBalanceRequest) -> Status = "it is under way";

    change Insert insert(m::InsertRequest) -> m::MutationResult = write::insert;
    change Delete delete(m::DeleteRequest) -> m::MutationResult = write::delete;
    change Upsert upsert(m::UpsertRequest) -> m::MutationResult = write::upsert;

    read Search search(m::SearchRequest) -> m::SearchResults = search::search;
    read HybridSearch hybrid_search(m::HybridSearchRequest) -> m::SearchResults = search::hybrid_search;
    read Query query(m::QueryRequest) -> m::QueryResults = query::query;
    refuse CalcDistance calc_distance(m::CalcDistanceRequest) -> m::CalcDistanceResults = "it is under way";
    refuse RunAnalyzer run_analyzer(m::RunAnalyzerRequest) -> m::RunAnalyzerResponse = "it is under way";
    refuse ComputePhraseMatchSlop compute_phrase_match_slop(m::ComputePhraseMatchSlopRequest) -> m::ComputePhraseMatchSlopResponse = "it is under way";

    refuse CreateResourceGroup create_resource_group(m::CreateResourceGroupRequest) -> Status = "it is under way";
    refuse DropResourceGroup drop_resource_group(m::DropResourceGroupRequest) -> Status = "it is under way";
    refuse UpdateResourceGroups update_resource_groups(m::UpdateResourceGroupsRequest) -> Status = "it is under way";
    refuse TransferNode transfer_node(m::TransferNodeRequest) -> Status = "it is under way";
    refuse TransferReplica transfer_replica(m::TransferReplicaRequest) -> Status = "it is under way";
    refuse ListResourceGroups list_resource_groups(m::ListResourceGroupsRequest) -> m::ListResourceGroupsResponse = "it is under way";
    refuse DescribeResourceGroup describe_resource_group(m::DescribeResourceGroupRequest) -> m::DescribeResourceGroupResponse = "it is under way";

    refuse CreateSnapshot create_snapshot(m::CreateSnapshotRequest) -> Status = "it is under way";
    refuse DropSnapshot drop_snapshot(m::DropSnapshotRequest) -> Status = "it is under way";
    refuse ListSnapshots list_snapshots(m::ListSnapshotsRequest) -> m::ListSnapshotsResponse = "it is under way";
    refuse DescribeSnapshot describe_snapshot(m::DescribeSnapshotRequest) -> m::DescribeSnapshotResponse = "it is under way";
    refuse RestoreSnapshot restore_snapshot(m::RestoreSnapshotRequest) -> m::RestoreSnapshotResponse = "it is under way";
    refuse RestoreExternalSnapshot restore_external_snapshot(m::RestoreExternalSnapshotRequest) -> m::RestoreExternalSnapshotResponse = "it is under way";
    refuse ExportSnapshot export_snapshot(m::ExportSnapshotRequest) -> m::ExportSnapshotResponse = "it is under way";
    refuse GetExportSnapshotState get_export_snapshot_state(m::GetExportSnapshotStateRequest) -> m::GetExportSnapshotStateResponse = "it is under way";
    refuse GetRestoreSnapshotState get_restore_snapshot_state(m::GetRestoreSnapshotStateRequest) -> m::GetRestoreSnapshotStateResponse = "it is under way";
    refuse ListRestoreSnapshotJobs list_restore_snapshot_jobs(m::ListRestoreSnapshotJobsRequest) -> m::ListRestoreSnapshotJobsResponse = "it is under way";
    refuse PinSnapshotData pin_snapshot_data(m::PinSnapshotDataRequest) -> m::PinSnapshotDataResponse = "it is under way";
    refuse UnpinSnapshotData unpin_snapshot_data(m::UnpinSnapshotDataRequest) -> Status = "it is under way";

    refuse BatchUpdateManifest batch_update_manifest(m::BatchUpdateManifestRequest) -> Status = "it is under way";
    refuse RefreshExternalCollection refresh_external_collection(m::RefreshExternalCollectionRequest) -> m::RefreshExternalCollectionResponse = "it is under way";
    refuse GetRefreshExternalCollectionProgress get_refresh_external_collection_progress(m::GetRefreshExternalCollectionProgressRequest) -> m::GetRefreshExternalCollectionProgressResponse = "it is under way";
    refuse ListRefreshExternalCollectionJobs list_refresh_external_collection_jobs(m::ListRefreshExternalCollectionJobsRequest) -> m::ListRefreshExternalCollectionJobsResponse = "it is under way";

    refuse ReplicateMessage replicate_message(m::ReplicateMessageRequest) -> m::ReplicateMessageResponse = "it is under way";
    refuse UpdateReplicateConfiguration update_replicate_configuration(m::UpdateReplicateConfigurationRequest) -> Status = "it is under way";
    refuse GetReplicateConfiguration get_replicate_configuration(m::GetReplicateConfigurationRequest) -> m::GetReplicateConfigurationResponse = "it is under way";
    refuse GetReplicateInfo get_replicate_info(m::GetReplicateInfoRequest) -> m::GetReplicateInfoResponse = "it is under way";

    refuse Import import(m::ImportRequest) -> m::ImportResponse = "it is under way";
    refuse GetImportState get_import_state(m::GetImportStateRequest) -> m::GetImportStateResponse = "it is under way";
    refuse ListImportTasks list_import_tasks(m::ListImportTasksRequest) -> m::ListImportTasksResponse = "it is under way";

    refuse CreateNamespace create_namespace(m::CreateNamespaceRequest) -> m::CreateNamespaceResponse = "it is under way";
    refuse DescribeNamespace describe_namespace(m::DescribeNamespaceRequest) -> m::DescribeNamespaceResponse = "it is under way";
    refuse ListNamespaces list_namespaces(m::ListNamespacesRequest) -> m::ListNamespacesResponse = "it is under way";
    refuse DropNamespace drop_namespace(m::DropNamespaceRequest) -> m::DropNamespaceResponse = "it is under way";
    refuse HasNamespace has_namespace(m::HasNamespaceRequest) -> m::HasNamespaceResponse = "it is under way";
    refuse GetNamespaceStats get_namespace_stats(m::GetNamespaceStatsRequest) -> m::GetNamespaceStatsResponse = "it is under way";

    refuse CreateCredential create_credential(m::CreateCredentialRequest) -> Status = "it is under way";
    refuse UpdateCredential update_credential(m::UpdateCredentialRequest) -> Status = "it is under way";
    refuse DeleteCredential delete_credential(m::DeleteCredentialRequest) -> Status = "it is under way";
    refuse ListCredUsers list_cred_users(m::ListCredUsersRequest) -> m::ListCredUsersResponse = "it is under way";
    refuse CreateRole create_role(m::CreateRoleRequest) -> Status = "it is under way";
    refuse AlterRole alter_role(m::AlterRoleRequest) -> Status = "it is under way";
    refuse DropRole drop_role(m::DropRoleRequest) -> Status = "it is under way";
    refuse OperateUserRole operate_user_role(m::OperateUserRoleRequest) -> Status = "it is under way";
    refuse SelectRole select_role(m::SelectRoleRequest) -> m::SelectRoleResponse = "it is under way";
    refuse SelectUser select_user(m::SelectUserRequest) -> m::SelectUserResponse = "it is under way";
    refuse OperatePrivilege operate_privilege(m::OperatePrivilegeRequest) -> Status = "it is under way";
    refuse OperatePrivilegeV2 operate_privilege_v2(m::OperatePrivilegeV2Request) -> Status = "it is under way";
    refuse SelectGrant select_grant(m::SelectGrantRequest) -> m::SelectGrantResponse = "it is under way";
    refuse BackupRBAC backup_rbac(m::BackupRbacMetaRequest) -> m::BackupRbacMetaResponse = "it is under way";
    refuse RestoreRBAC restore_rbac(m::RestoreRbacMetaRequest) -> Status = "it is under way";
    refuse CreatePrivilegeGroup create_privilege_group(m::CreatePrivilegeGroupRequest) -> Status = "it is under way";
    refuse DropPrivilegeGroup drop_privilege_group(m::DropPrivilegeGroupRequest) -> Status = "it is under way";
    refuse ListPrivilegeGroups list_privilege_groups(m::ListPrivilegeGroupsRequest) -> m::ListPrivilegeGroupsResponse = "it is under way";
    refuse OperatePrivilegeGroup operate_privilege_group(m::OperatePrivilegeGroupRequest) -> Status = "it is under way";
    refuse AddUserTags add_user_tags(m::AddUserTagsRequest) -> Status = "it is under way";
    refuse DeleteUserTags delete_user_tags(m::DeleteUserTagsRequest) -> Status = "it is under way";
    refuse GetUserTags get_user_tags(m::GetUserTagsRequest) -> m::GetUserTagsResponse = "it is under way";
    refuse ListUsersWithTag list_users_with_tag(m::ListUsersWithTagRequest) -> m::ListUsersWithTagResponse = "it is under way";
    refuse CreateRowPolicy create_row_policy(m::CreateRowPolicyRequest) -> Status = "it is under way";
    refuse DropRowPolicy drop_row_policy(m::DropRowPolicyRequest) -> Status = "it is under way";
    refuse ListRowPolicies list_row_policies(m::ListRowPoliciesRequest) -> m::ListRowPoliciesResponse = "it is under way";

    refuse Flush flush(m::FlushRequest) -> m::FlushResponse = "it is under way";
    refuse FlushAll flush_all(m::FlushAllRequest) -> m::FlushAllResponse = "it is under way";
    refuse GetFlushState get_flush_state(m::GetFlushStateRequest) -> m::GetFlushStateResponse = "it is under way";
    refuse GetFlushAllState get_flush_all_state(m::GetFlushAllStateRequest) -> m::GetFlushAllStateResponse = "it is under way";
    refuse GetPersistentSegmentInfo get_persistent_segment_info(m::GetPersistentSegmentInfoRequest) -> m::GetPersistentSegmentInfoResponse = "it is under way";
    refuse GetQuerySegmentInfo get_query_segment_info(m::GetQuerySegmentInfoRequest) -> m::GetQuerySegmentInfoResponse = "it is under way";
    refuse GetCompactionState get_compaction_state(m::GetCompactionStateRequest) -> m::GetCompactionStateResponse = "it is under way";
    refuse ManualCompaction manual_compaction(m::ManualCompactionRequest) -> m::ManualCompactionResponse = "it is under way";
    refuse GetCompactionStateWithPlans get_compaction_state_with_plans(m::GetCompactionPlansRequest) -> m::GetCompactionPlansResponse = "it is under way";

    refuse AddFileResource add_file_resource(m::AddFileResourceRequest) -> Status = "it is under way";
    refuse RemoveFileResource remove_file_resource(m::RemoveFileResourceRequest) -> Status = "it is under way";
    refuse ListFileResources list_file_resources(m::ListFileResourcesRequest) -> m::ListFileResourcesResponse = "it is under way";
}
