[ (pipeline_block) (stage_block) (string) (value_list) (value_record) ] @fold
